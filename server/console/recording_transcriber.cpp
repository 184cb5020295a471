#include "server/console/recording_transcriber.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "audio/recording_resampler.h"

namespace antiphon::server {
namespace {

using models::VoiceActivityDetector;

constexpr std::int64_t kWindow = VoiceActivityDetector::kWindowSamples;
constexpr std::size_t kPieceSamples = 16384;
// A recording has "8:00 p.m." in it, whose signs are tokens too: 7.7 a second were measured in short
// sentences.
constexpr double kTokensPerSecondMax = 10;
constexpr double kRate = models::kSpeechSampleRate;

static_assert(audio::SpeechSegmenter::Config{}.length_max * kWindow <= models::kSpeechSamplesMax);

}  // namespace

RecordingTranscriber::RecordingTranscriber(VoiceActivityDetector& detector,
                                           const models::SpeechRecognizer& recognizer, bool word_times)
    : detector_(detector), recognizer_(recognizer), word_times_(word_times) {}

double RecordingTranscriber::transcribe(audio::WavReader& wav, const Hooks& hooks) {
  detector_.reset(models::Slot{0});
  segmenter_ = audio::SpeechSegmenter();
  sound_.clear();
  sound_from_ = windows_heard_ = samples_heard_ = 0;
  seconds_max_ = std::numeric_limits<double>::infinity();
  audio::RecordingResampler resampler(wav.format().sample_rate_hz, models::kSpeechSampleRate);
  std::vector<float> piece(kPieceSamples);
  while (const std::size_t count = wav.read(piece)) {
    hear(resampler.push(std::span(piece).first(count)), hooks);
  }
  hear(resampler.finish(), hooks);
  seconds_max_ = static_cast<double>(samples_heard_) / kRate;  // the last window is filled with silence
  const std::int64_t open_samples = samples_heard_ % kWindow;
  if (open_samples > 0) hear(std::vector<float>(static_cast<std::size_t>(kWindow - open_samples)), hooks);
  if (const auto last = segmenter_.finish()) transcribe(*last, hooks);
  return seconds_max_;
}

void RecordingTranscriber::hear(std::span<const float> samples, const Hooks& hooks) {
  sound_.insert(sound_.end(), samples.begin(), samples.end());
  samples_heard_ += static_cast<std::int64_t>(samples.size());
  while ((windows_heard_ + 1) * kWindow <= samples_heard_) {
    const auto at = static_cast<std::size_t>((windows_heard_ - sound_from_) * kWindow);
    hear_window(std::span(sound_).subspan(at).first<kWindow>(), hooks);
  }
  const std::int64_t needed_from = std::min(segmenter_.needed_from(), windows_heard_);
  sound_.erase(sound_.begin(), sound_.begin() + (needed_from - sound_from_) * kWindow);
  sound_from_ = needed_from;
  hooks.on_progress(static_cast<double>(samples_heard_) / kRate);
}

void RecordingTranscriber::hear_window(std::span<const float, kWindow> window, const Hooks& hooks) {
  std::array<float, 1> probability{};
  const std::array batch{VoiceActivityDetector::Window{models::Slot{0}, window}};
  detector_.step(batch, probability);
  ++windows_heard_;
  if (const auto segment = segmenter_.push(probability[0])) transcribe(*segment, hooks);
}

void RecordingTranscriber::transcribe(const audio::SpeechSegment& segment, const Hooks& hooks) {
  const auto begin = sound_.begin() + (segment.begin - sound_from_) * kWindow;
  const auto end = sound_.begin() + (segment.end - sound_from_) * kWindow;
  RecordedSpeech speech;
  speech.begin_seconds = static_cast<double>(segment.begin * kWindow) / kRate;
  speech.end_seconds = std::min(static_cast<double>(segment.end * kWindow) / kRate, seconds_max_);
  speech.transcript =
      recognizer_
          .transcribe(std::vector<float>(begin, end),
                      {.draft = {}, .word_times = word_times_, .tokens_per_second_max = kTokensPerSecondMax})
          .run_to_end();
  if (speech.transcript.text.empty()) return;
  for (models::TranscribedWord& word : speech.transcript.words) {
    word.start_seconds += speech.begin_seconds;
    word.end_seconds = std::min(word.end_seconds + speech.begin_seconds, speech.end_seconds);
  }
  hooks.on_speech(speech);
}

}  // namespace antiphon::server
