#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "audio/resampler.h"
#include "server/commands/bench/network_benchmarks.h"

namespace antiphon::server::bench {
namespace {

using models::Job;

constexpr int kChunkHops = 24;  // of a caller in no hurry

// The chunks grow as the server's do when sound is in store: the first is soon to sound.
int chunk_hops(std::size_t chunks_before) {
  return chunks_before == 0 ? 4 : chunks_before < 4 ? 12 : kChunkHops;
}

std::unique_ptr<models::SynthesisStream> begin_phrase(const LoadedModels& models,
                                                      const models::text::PhonemePhrase& phrase) {
  models::SynthesisStart begun = models.synthesizer->begin(phrase, {});
  if (!begun.stream) throw std::runtime_error("the voice refuses a phrase of the benchmark");
  return std::move(begun.stream);
}

struct Spoken {
  double first_sound_ms = 0;
  double all_ms = 0;
  double seconds = 0;
};

Spoken speak(const LoadedModels& models, const models::text::PhonemePhrase& phrase, BenchReport& report) {
  Spoken spoken;
  std::size_t samples = 0;
  const Clock::time_point begin = Clock::now();
  const auto stream = begin_phrase(models, phrase);
  for (std::size_t chunks = 0; !stream->finished(); ++chunks) {
    samples += report.run(Job::kSynthesis, stream->next(chunk_hops(chunks))).size();
    if (chunks == 0) spoken.first_sound_ms = ms_since(begin);
  }
  spoken.all_ms = ms_since(begin);
  spoken.seconds = static_cast<double>(samples) / models::SynthesisStream::kSampleRate;
  return spoken;
}

void measure_first_sound(const LoadedModels& models, int rounds, BenchReport& report) {
  std::vector<double> from_text_ms, ms;
  models::text::PhonemePhrase phrase;
  for (int i = 0; i < rounds; ++i) {
    const Clock::time_point begin = Clock::now();
    phrase = models.pronouncer->pronounce("Sure, I can do that.");
    const double pronounced_ms = ms_since(begin);
    ms.push_back(speak(models, phrase, report).first_sound_ms);
    from_text_ms.push_back(pronounced_ms + ms.back());
  }
  report.phonemes["first sound, short phrase"] = phrase.symbols;
  report.add(Job::kSynthesis, "first sound, short phrase", ms, "ms");
  report.add(Job::kSynthesis, "first sound, short phrase, from text", from_text_ms, "ms");
}

void measure_sentence(const LoadedModels& models, const std::string& what, std::string_view text, int rounds,
                      BenchReport& report) {
  const models::text::PhonemePhrase phrase = models.pronouncer->pronounce(text);
  std::vector<double> whole_ms, speed;
  for (int i = 0; i < rounds; ++i) {
    const Spoken spoken = speak(models, phrase, report);
    whole_ms.push_back(spoken.all_ms);
    speed.push_back(spoken.seconds * 1e3 / spoken.all_ms);
  }
  report.phonemes[what] = phrase.symbols;
  report.add(Job::kSynthesis, what, whole_ms, "ms");
  report.add(Job::kSynthesis, "speed, " + what, speed, "times real time");
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
    const auto stream = begin_phrase(models, models.pronouncer->pronounce(phrases[i]));
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
  measure_first_sound(models, 2 * rounds, report);
  measure_sentence(
      models, "sentence of 5 s",
      "I read the book yesterday, and I will read it again tomorrow, when it is quiet in the house.",
      2 * rounds, report);
  measure_sentence(
      models, "sentence of 14 s",
      "I read the book yesterday, and I will read it again tomorrow, when it is quiet in the house, "
      "because the story is long, many people come and go in it, and I lost my way somewhere "
      "between the harbour and the old mill, where the two brothers meet again after twenty years "
      "at sea.",
      2 * rounds, report);
}

}  // namespace antiphon::server::bench
