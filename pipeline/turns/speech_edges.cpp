#include "pipeline/turns/speech_edges.h"

#include <algorithm>

namespace antiphon::pipeline::turns {
namespace {

// Below the threshold by this much the voice is off: the hysteresis that Silero VAD is published with.
constexpr float kHysteresis = 0.15f;
// So that silence ends speech even where a client sets a threshold near 0.
constexpr float kOffMin = 0.01f;

}  // namespace

SpeechEdges::SpeechEdges(const Config& config) : config_(config) {}

void SpeechEdges::configure(const Config& config) {
  config_ = config;
}

SpeechEdges::Edge SpeechEdges::step(float probability, AudioTime quiet) {
  const bool voice_before = voice_;
  const float off = std::max(config_.threshold - kHysteresis, kOffMin);
  const float level = voice_ ? off : std::max(config_.threshold, off);
  voice_ = probability >= level;  // false for what is not a number
  const AudioTime window_start = position_;
  position_ += kWindow;
  if (!voice_) return voice_before && in_speech_ ? Edge::kPaused : Edge::kNone;
  if (!voice_before) {
    burst_start_ = window_start;
    burst_weight_ = AudioTime(0);
  }
  if (in_speech_) {
    voice_end_ = std::max(voice_end_, position_ - quiet);
    return voice_before ? Edge::kNone : Edge::kResumed;
  }
  burst_weight_ += probability >= kCertain ? kWindow + kWindow / 2 : kWindow;
  if (burst_weight_ < config_.speech_min) return Edge::kNone;
  in_speech_ = true;
  voice_start_ = burst_start_;
  voice_end_ = position_;
  return Edge::kStarted;
}

void SpeechEdges::stop() {
  in_speech_ = false;
  voice_ = false;
}

}  // namespace antiphon::pipeline::turns
