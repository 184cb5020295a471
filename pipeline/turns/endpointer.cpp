#include "pipeline/turns/endpointer.h"

#include <algorithm>
#include <cmath>

namespace antiphon::pipeline::turns {
namespace {

// A logistic model of "the turn is over", given the cues and the silence so far:
//   log-odds = kSound * logit(sound) + kText * text + ln(silence / 1 s) * kSilence + kBias
// The turn ends when the log-odds reach the eagerness's threshold, so the wait is exponential in the cues.
constexpr double kSound = 0.3;
constexpr double kText = 0.5;
constexpr double kSilence = 1.0;
constexpr double kBias = 1.5;

// The mean of each cue: what a cue that is not there yet counts as.
constexpr double kSoundMean = 0.5;
constexpr double kTextMean = -3.0;

double logit(double probability) {
  const double p = std::clamp(probability, 0.001, 0.999);
  return std::log(p / (1 - p));
}

double threshold(Eagerness eagerness) {
  switch (eagerness) {
    case Eagerness::kLow:
      return 1.0;
    case Eagerness::kMedium:
      return 0.0;
    case Eagerness::kHigh:
      return -1.0;
  }
  return 0.0;
}

double known_or(std::optional<float> cue, double mean) {
  return cue && !std::isnan(*cue) ? double{*cue} : mean;
}

AudioTime semantic_wait(Eagerness eagerness, const TurnCues& cues) {
  const double sound = logit(known_or(cues.sound_complete, kSoundMean));
  const double text = std::clamp(known_or(cues.text_end_log_probability, kTextMean), -12.0, 0.0);
  const double known = kSound * sound + kText * text + kBias;
  const double seconds = std::exp((threshold(eagerness) - known) / kSilence);
  const double limit = std::chrono::duration<double>(semantic_wait_max(eagerness)).count();
  const AudioTime wait(static_cast<AudioTime::rep>(std::min(seconds, limit) * 1000));
  return std::max(wait, kSemanticWaitMin);
}

}  // namespace

AudioTime semantic_wait_max(Eagerness eagerness) {
  switch (eagerness) {
    case Eagerness::kLow:
      return AudioTime(8000);
    case Eagerness::kMedium:
      return AudioTime(4000);
    case Eagerness::kHigh:
      return AudioTime(2000);
  }
  return AudioTime(4000);
}

std::optional<AudioTime> silence_needed(const TurnDetection& detection, const TurnCues& cues) {
  switch (detection.kind) {
    case TurnDetection::Kind::kPushToTalk:
      return std::nullopt;
    case TurnDetection::Kind::kServerVad:
      return detection.silence_duration;
    case TurnDetection::Kind::kSemanticVad:
      return semantic_wait(detection.eagerness, cues);
  }
  return std::nullopt;
}

}  // namespace antiphon::pipeline::turns
