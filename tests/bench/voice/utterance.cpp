#include "tests/bench/voice/utterance.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <span>
#include <stdexcept>
#include <utility>

#include "audio/resampler.h"
#include "tests/support/recording.h"

namespace antiphon::bench {
namespace {

constexpr int kRateHz = models::SynthesisStream::kSampleRate;
constexpr std::size_t kLevelSamples = kRateHz / 100;
constexpr double kSpeechBelowLoudest = 0.0178;  // -35 dB

constexpr const char* kSentences[] = {
    "What is the capital of France?",
    "Can you tell me a little about the moon?",
    "I slept badly last night and now I am tired.",
    "How many days are there in a year?",
    "What should I cook for dinner tonight?",
    "My sister is coming to visit me next week.",
    "Why is the sky blue?",
    "Could you give me a tip for learning to swim?",
    "What is the largest animal in the world?",
    "I would like to read a good book. What do you suggest?",
    "How does a bicycle stay upright?",
    "Please tell me something about Italy.",
};

double level(std::span<const float> samples) {
  double sum = 0;
  for (const float sample : samples) sum += double{sample} * double{sample};
  return std::sqrt(sum / static_cast<double>(samples.size()));
}

}  // namespace

Utterance utterance_of(std::string name, std::vector<float> samples_24k) {
  std::vector<double> levels;
  const std::span<const float> all(samples_24k);
  for (std::size_t at = 0; at + kLevelSamples <= all.size(); at += kLevelSamples) {
    levels.push_back(level(all.subspan(at, kLevelSamples)));
  }
  if (levels.empty()) throw std::runtime_error(name + ": too short to be speech");
  const double speech = *std::ranges::max_element(levels) * kSpeechBelowLoudest;
  const auto loud = [speech](double value) { return value >= speech; };
  const auto first = std::ranges::find_if(levels, loud);
  const auto last = std::find_if(levels.rbegin(), levels.rend(), loud);
  return {std::move(name), std::move(samples_24k), 10.0 * static_cast<double>(first - levels.begin()),
          10.0 * static_cast<double>(levels.rend() - last)};
}

std::vector<Utterance> recorded_utterances(const std::vector<std::filesystem::path>& paths) {
  std::set<std::filesystem::path> files;
  for (const std::filesystem::path& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      files.insert(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const std::filesystem::path kind = entry.path().extension();
      if (kind == ".wav" || kind == ".flac") files.insert(entry.path());
    }
  }
  if (files.empty()) throw std::runtime_error("no WAV or FLAC file in the folders given");
  std::vector<Utterance> all;
  for (const std::filesystem::path& file : files) {
    all.push_back(
        utterance_of(file.stem().string(), audio::resample(test::read_recording(file), 16000, kRateHz)));
  }
  return all;
}

std::vector<Utterance> synthesised_utterances(const models::text::Pronunciation& pronouncer,
                                              const models::SpeechSynthesizer& synthesizer) {
  std::vector<Utterance> all;
  for (const char* sentence : kSentences) {
    const auto stream = synthesizer.begin(pronouncer.pronounce(sentence), {}).stream;
    std::vector<float> samples;
    while (!stream->finished()) {
      const std::vector<float> more = stream->next(24).run_to_end();
      samples.insert(samples.end(), more.begin(), more.end());
    }
    all.push_back(utterance_of(sentence, std::move(samples)));
  }
  return all;
}

}  // namespace antiphon::bench
