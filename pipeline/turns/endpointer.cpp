#include "pipeline/turns/endpointer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace antiphon::pipeline::turns {
namespace {

// The doubt that the cues leave, and the wait that follows from it:
//   doubt = -kSound * logit(sound) - kText * text
//   wait  = base * exp(slope * doubt), at least kSemanticWaitMin, at most the eagerness's limit
// This is a logistic model of "the turn is over" with the logarithm of the silence as its third input, solved
// for the silence. The two weights were fitted on labelled ends and pauses (README.md has the figures), for
// two pairs of recogniser and language model alike.
constexpr double kSound = 0.12;
constexpr double kText = 0.26;

// Beyond these a cue says nothing more.
constexpr double kSoundMin = 0.01;
constexpr double kSoundMax = 0.99;
constexpr double kTextMin = -8.0;

// What a cue counts as that is not there (yet): doubtful, so that nothing but a long silence ends the turn.
constexpr double kSoundUnknown = 0.18;
constexpr double kTextUnknown = -3.5;

struct Policy {
  double base_ms;
  double slope;
  AudioTime limit;
};

Policy policy_of(Eagerness eagerness) {
  switch (eagerness) {
    case Eagerness::kLow:
      return {640, 1.0, AudioTime(8000)};
    case Eagerness::kMedium:
      break;
    case Eagerness::kHigh:
      return {92, 1.5, AudioTime(2000)};
  }
  return {410, 1.0, AudioTime(4000)};
}

double known_or(std::optional<float> cue, double unknown) {
  return cue && !std::isnan(*cue) ? double{*cue} : unknown;
}

AudioTime semantic_wait(Eagerness eagerness, const TurnCues& cues) {
  const double sound = std::clamp(known_or(cues.sound_complete, kSoundUnknown), kSoundMin, kSoundMax);
  const double text = std::clamp(known_or(cues.text_end_log_probability, kTextUnknown), kTextMin, 0.0);
  const double doubt = -kSound * std::log(sound / (1 - sound)) - kText * text;
  const Policy policy = policy_of(eagerness);
  const double wait_ms = policy.base_ms * std::exp(policy.slope * doubt);
  const auto wait = std::chrono::duration_cast<AudioTime>(std::chrono::duration<double, std::milli>(wait_ms));
  return std::clamp(wait, kSemanticWaitMin, policy.limit);
}

}  // namespace

AudioTime semantic_wait_max(Eagerness eagerness) {
  return policy_of(eagerness).limit;
}

std::optional<AudioTime> silence_needed(const TurnDetection& detection, const TurnCues& cues) {
  switch (detection.kind) {
    case TurnDetection::Kind::kPushToTalk:
      break;
    case TurnDetection::Kind::kServerVad:
      return detection.silence_duration;
    case TurnDetection::Kind::kSemanticVad:
      return semantic_wait(detection.eagerness, cues);
  }
  return std::nullopt;
}

}  // namespace antiphon::pipeline::turns
