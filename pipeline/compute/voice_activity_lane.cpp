#include "pipeline/compute/voice_activity_lane.h"

#include <cassert>
#include <chrono>
#include <cstddef>
#include <span>
#include <thread>
#include <utility>

namespace antiphon::pipeline {

using models::VoiceActivityDetector;

namespace {

// After a pass: what comes meanwhile shares the next one, whose rows cost less the more there are.
constexpr std::chrono::milliseconds kGather{3};

}  // namespace

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

VoiceActivityQueue::VoiceActivityQueue(VoiceActivityDetector* detector, const Config& config)
    : windows_(static_cast<std::size_t>(config.windows_max), static_cast<std::size_t>(config.submitters_max)),
      batch_(detector) {}

bool VoiceActivityQueue::submit(const VoiceActivityWindow& window) {
  if (!windows_.push(window)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  bell_.ring();
  return true;
}

bool VoiceActivityQueue::run_batch() {
  while (next_waits_ || windows_.pop(next_)) {
    next_waits_ = !batch_.add(next_);
    if (next_waits_) break;
  }
  if (batch_.size() == 0) return false;
  batches_.fetch_add(1, std::memory_order_relaxed);  // before its results are seen
  batch_.run();
  return true;
}

VoiceActivityLane::VoiceActivityLane(VoiceActivityQueue* queue)
    : queue_(queue), thread_(ThreadRole::kRealtimeLane, 0, [this] { loop(); }) {}

VoiceActivityLane::~VoiceActivityLane() {
  stopping_.store(true, std::memory_order_relaxed);  // the bell orders it
  queue_->bell().ring();
}

void VoiceActivityLane::loop() {
  for (;;) {
    queue_->bell().wait();
    for (Time start = Clock::now(); queue_->run_batch(); start = Clock::now()) {
      batch_time_.record(Clock::now() - start);
    }
    if (stopping_.load(std::memory_order_relaxed)) return;  // after what was accepted
    std::this_thread::sleep_for(kGather);
  }
}

}  // namespace antiphon::pipeline
