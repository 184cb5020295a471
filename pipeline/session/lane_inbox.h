// What comes back to a session from the lanes, and the queue in which it comes.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

#include "models/speech_recognizer.h"
#include "pipeline/compute/stepped_task.h"
#include "pipeline/compute/token_request.h"
#include "pipeline/compute/voice_activity_lane.h"
#include "pipeline/memory/memory.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/session/speech_job.h"

namespace antiphon::pipeline {

using SoundCueResult = Completion<float>;  // P(the turn is complete)
using TranscriptResult = Completion<std::unique_ptr<models::Transcript>>;
using SpeechResult = Completion<std::unique_ptr<SpeechJob>>;

using LaneResult = std::variant<VoiceActivityResult, TokenEvent, SoundCueResult, TranscriptResult,
                                SpeechResult, MemoryAnswer>;

inline SessionId session_of(const LaneResult& result) {
  return std::visit([](const auto& value) { return value.session; }, result);
}

// The lanes' results, and the memory's answers, for all sessions of one media worker.
//
// Owner:    deliver(): any lane; pop(): the media worker. It outlives the lanes.
// Order:    a request's tokens come as they were chosen, whichever lanes chose them.
// Overload: never refuses: its capacity is the sum of all that can be in flight.
class LaneInbox final : public VoiceActivitySink, public TokenSink, public MemorySink {
 public:
  LaneInbox(std::size_t capacity, std::size_t lanes_max, Doorbell* bell)
      : results_(capacity, lanes_max), tokens_(results_), bell_(bell) {}

  void deliver(const VoiceActivityResult& result) noexcept override { push(result); }
  void deliver(const TokenEvent& event) noexcept override {
    pushed(results_.push(tokens_, LaneResult(event)));
  }
  void deliver(MemoryAnswer&& answer) noexcept override { push(std::move(answer)); }
  void push(LaneResult result) noexcept { pushed(results_.push(std::move(result))); }

  std::size_t size() const { return results_.size(); }
  std::size_t capacity() const { return results_.capacity(); }
  [[nodiscard]] bool pop(LaneResult& result) { return results_.pop(result); }

 private:
  void pushed(bool taken) noexcept {
    assert(taken);
    static_cast<void>(taken);
    bell_->ring();
  }

  MpscQueue<LaneResult> results_;
  MpscQueue<LaneResult>::MovingProducer tokens_;  // the batcher, which one lane or another steps
  Doorbell* const bell_;
};

}  // namespace antiphon::pipeline
