#pragma once

#include <optional>

#include "pipeline/turns/turn_detection.h"
#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline::turns {

// What is known about a pause besides its length. Each cue may come late or never.
struct TurnCues {
  std::optional<float> sound_complete;            // P(turn complete) of models::TurnDetector
  std::optional<float> text_end_log_probability;  // ln P(the message ends here) of the language model, <= 0
};

// How long this pause must last before the turn is over.
//
// kServerVad: silence_duration, whatever the cues say. kSemanticVad: from kSemanticWaitMin, when sound and
// words are sure, up to the eagerness's limit; see endpointer.cpp for the rule and its calibration.
// kPushToTalk: never (nullopt).
std::optional<AudioTime> silence_needed(const TurnDetection& detection, const TurnCues& cues);

inline constexpr AudioTime kSemanticWaitMin{6 * kWindow};

// The longest pause that semantic_vad waits out: 8, 4, 2 s for low, medium, high.
AudioTime semantic_wait_max(Eagerness eagerness);

}  // namespace antiphon::pipeline::turns
