#include "pipeline/jobs/recorded_speech.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace antiphon::pipeline {
namespace {

using models::VoiceActivityDetector;

// A recording has "8:00 p.m." in it, whose signs are tokens too: 7.7 a second were measured in short
// sentences.
constexpr double kTokensPerSecondMax = 10;
constexpr double kRate = models::kSpeechSampleRate;

static_assert(audio::SpeechSegmenter::Config{}.length_max * VoiceActivityDetector::kWindowSamples <=
              models::kSpeechSamplesMax);

}  // namespace

RecordingCutter::RecordingCutter(VoiceActivityDetector* detector, models::Slot slot, int sample_rate_hz)
    : detector_(detector),
      slot_(slot),
      resampler_(sample_rate_hz, models::kSpeechSampleRate),
      seconds_max_(std::numeric_limits<double>::infinity()) {
  detector_->reset(slot_);
}

void RecordingCutter::push(std::span<const float> samples) {
  hear(resampler_.push(samples));
}

void RecordingCutter::finish() {
  hear(resampler_.finish());
  seconds_max_ = heard_seconds();  // the last window is filled with silence
  const std::int64_t open_samples = samples_heard_ % kWindow;
  if (open_samples > 0) hear(std::vector<float>(static_cast<std::size_t>(kWindow - open_samples)));
  if (const auto last = segmenter_.finish()) keep(*last);
}

std::optional<RecordingCutter::Segment> RecordingCutter::next() {
  if (found_.empty()) return std::nullopt;
  Segment segment = std::move(found_.front());
  found_.pop_front();
  return segment;
}

double RecordingCutter::heard_seconds() const {
  return std::min(static_cast<double>(samples_heard_) / kRate, seconds_max_);
}

void RecordingCutter::hear(std::span<const float> samples) {
  sound_.insert(sound_.end(), samples.begin(), samples.end());
  samples_heard_ += static_cast<std::int64_t>(samples.size());
  while ((windows_heard_ + 1) * kWindow <= samples_heard_) {
    const auto at = static_cast<std::size_t>((windows_heard_ - sound_from_) * kWindow);
    hear_window(std::span(sound_).subspan(at).first<kWindow>());
  }
  const std::int64_t needed_from = std::min(segmenter_.needed_from(), windows_heard_);
  sound_.erase(sound_.begin(), sound_.begin() + (needed_from - sound_from_) * kWindow);
  sound_from_ = needed_from;
}

void RecordingCutter::hear_window(std::span<const float, kWindow> window) {
  std::array<float, 1> probability{};
  const std::array batch{VoiceActivityDetector::Window{slot_, window}};
  detector_->step(batch, probability);
  ++windows_heard_;
  if (const auto segment = segmenter_.push(probability[0])) keep(*segment);
}

void RecordingCutter::keep(const audio::SpeechSegment& segment) {
  const auto begin = sound_.begin() + (segment.begin - sound_from_) * kWindow;
  const auto end = sound_.begin() + (segment.end - sound_from_) * kWindow;
  found_.push_back({static_cast<double>(segment.begin * kWindow) / kRate,
                    std::min(static_cast<double>(segment.end * kWindow) / kRate, seconds_max_),
                    std::vector<float>(begin, end)});
}

models::TranscribeOptions recording_options(bool word_times) {
  models::TranscribeOptions options;
  options.word_times = word_times;
  options.tokens_per_second_max = kTokensPerSecondMax;
  return options;
}

RecordedSpeech recorded_speech(const RecordingCutter::Segment& segment, models::Transcript transcript) {
  RecordedSpeech speech{segment.begin_seconds, segment.end_seconds, std::move(transcript)};
  for (models::TranscribedWord& word : speech.transcript.words) {
    word.start_seconds += speech.begin_seconds;
    word.end_seconds = std::min(word.end_seconds + speech.begin_seconds, speech.end_seconds);
  }
  return speech;
}

}  // namespace antiphon::pipeline
