#include <stdexcept>
#include <string_view>

#include "audio/resampler.h"
#include "server/commands/bench/network_benchmarks.h"

namespace antiphon::server::bench {
namespace {

using models::Job;

constexpr int kFirstChunkHops = 4;  // 50 ms: soon to sound
constexpr int kChunkHops = 12;

std::unique_ptr<models::SynthesisStream> begin_phrase(const LoadedModels& models, std::string_view text) {
  models::SynthesisStart begun = models.synthesizer->begin(models.pronouncer->pronounce(text), {});
  if (!begun.stream) throw std::runtime_error("the voice refuses a phrase of the benchmark");
  return std::move(begun.stream);
}

struct Spoken {
  double first_sound_ms = 0;
  double all_ms = 0;
  double seconds = 0;
};

Spoken speak(const LoadedModels& models, std::string_view text, BenchReport& report) {
  Spoken spoken;
  std::size_t samples = 0;
  const Clock::time_point begin = Clock::now();
  const auto stream = begin_phrase(models, text);
  while (!stream->finished()) {
    const int hops = samples == 0 ? kFirstChunkHops : kChunkHops;
    samples += report.run(Job::kSynthesis, stream->next(hops)).size();
    if (spoken.first_sound_ms == 0) spoken.first_sound_ms = ms_since(begin);
  }
  spoken.all_ms = ms_since(begin);
  spoken.seconds = static_cast<double>(samples) / models::SynthesisStream::kSampleRate;
  return spoken;
}

}  // namespace

std::vector<float> spoken_test_audio(const LoadedModels& models, double seconds) {
  const std::string_view phrases[] = {
      "Hello there, I would like to ask about the train to the coast.",
      "It should leave at half past nine, but nobody could tell me from which platform.",
      "Could you find out, and then book two seats by the window for me, please?",
      "My sister comes along, and she has never seen the sea before.",
      "We will be back on Sunday evening, if the weather stays as good as it is today."};
  const auto wanted = static_cast<std::size_t>(seconds * models::kSpeechSampleRate);
  std::vector<float> speech;
  for (std::size_t i = 0; speech.size() < wanted; i = (i + 1) % std::size(phrases)) {
    const auto stream = begin_phrase(models, phrases[i]);
    std::vector<float> spoken;
    while (!stream->finished()) {
      const std::vector<float> chunk = stream->next(kChunkHops).run_to_end();
      spoken.insert(spoken.end(), chunk.begin(), chunk.end());
    }
    const std::vector<float> heard =
        audio::resample(spoken, models::SynthesisStream::kSampleRate, models::kSpeechSampleRate);
    speech.insert(speech.end(), heard.begin(), heard.end());
  }
  speech.resize(wanted);
  return speech;
}

void measure_synthesis(LoadedModels& models, int rounds, BenchReport& report) {
  std::vector<double> first_ms, whole_ms, speed;
  for (int i = 0; i < 2 * rounds; ++i) {
    const Spoken brief = speak(models, "Sure, I can do that.", report);
    first_ms.push_back(brief.first_sound_ms);
    const Spoken spoken =
        speak(models, "I read the book yesterday, and I will read it again tomorrow.", report);
    whole_ms.push_back(spoken.all_ms);
    speed.push_back(spoken.seconds * 1e3 / spoken.all_ms);
  }
  report.add(Job::kSynthesis, "first sound, short phrase, from text", first_ms, "ms");
  report.add(Job::kSynthesis, "whole sentence", whole_ms, "ms");
  report.add(Job::kSynthesis, "speed", speed, "times real time");
}

}  // namespace antiphon::server::bench
