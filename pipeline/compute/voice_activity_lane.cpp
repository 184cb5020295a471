#include "pipeline/compute/voice_activity_lane.h"

#include <cassert>
#include <cstddef>
#include <span>
#include <utility>

namespace antiphon::pipeline {

using models::VoiceActivityDetector;

VoiceActivityBatch::VoiceActivityBatch(VoiceActivityDetector* detector)
    : detector_(detector),
      windows_(static_cast<std::size_t>(detector->slots())),
      probabilities_(windows_.size()),
      in_batch_(windows_.size(), false) {
  rows_.reserve(windows_.size());
}

bool VoiceActivityBatch::add(const VoiceActivityWindow& window) {
  assert(window.sink != nullptr);
  const auto slot = static_cast<std::size_t>(models::index(window.slot));
  assert(slot < in_batch_.size());
  if (in_batch_[slot]) return false;
  in_batch_[slot] = true;
  windows_[static_cast<std::size_t>(size_)] = window;
  ++size_;
  return true;
}

void VoiceActivityBatch::run() {
  if (size_ == 0) return;
  const auto count = static_cast<std::size_t>(size_);
  rows_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const VoiceActivityWindow& window = windows_[i];
    if (window.first) detector_->reset(window.slot);
    rows_.push_back({window.slot, window.samples});
    in_batch_[static_cast<std::size_t>(models::index(window.slot))] = false;
  }
  detector_->step(rows_, std::span(probabilities_).first(count));
  size_ = 0;
  for (std::size_t i = 0; i < count; ++i) {
    windows_[i].sink->deliver({windows_[i].session, windows_[i].window, probabilities_[i]});
  }
}

VoiceActivityLane::VoiceActivityLane(VoiceActivityDetector* detector, const Config& config)
    : windows_(static_cast<std::size_t>(config.windows_max), static_cast<std::size_t>(config.submitters_max)),
      batch_(detector),
      thread_(ThreadRole::kRealtimeLane, 0, [this] { loop(); }) {}

VoiceActivityLane::~VoiceActivityLane() {
  stopping_.store(true, std::memory_order_relaxed);  // the bell orders it
  bell_.ring();
}

bool VoiceActivityLane::submit(const VoiceActivityWindow& window) {
  VoiceActivityWindow copy = window;
  if (!windows_.push(std::move(copy))) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  bell_.ring();
  return true;
}

void VoiceActivityLane::loop() {
  VoiceActivityWindow window;
  for (;;) {
    bell_.wait();
    while (windows_.pop(window)) {
      if (batch_.add(window)) continue;
      run_batch();
      const bool added = batch_.add(window);
      assert(added);
      static_cast<void>(added);
    }
    run_batch();
    if (stopping_.load(std::memory_order_relaxed)) return;  // after what was accepted
  }
}

void VoiceActivityLane::run_batch() {
  if (batch_.size() == 0) return;
  const Time start = Clock::now();
  batches_.fetch_add(1, std::memory_order_relaxed);  // before its results are seen
  batch_.run();
  batch_time_.record(Clock::now() - start);
}

}  // namespace antiphon::pipeline
