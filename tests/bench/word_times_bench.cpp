// How exact the recogniser's word times are: speaks sentences whose word times the synthesiser knows, between
// two silences, transcribes them, and compares the words that were heard right.
//   word_times_bench SENTENCES    a text file, one sentence on each line
// stdout, for each size: errors of starts and ends in ms, and how many words were compared.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "audio/resampler.h"
#include "models/text/pronouncer.h"
#include "models/torch/hibari.h"
#include "models/torch/moonshine_recognizer.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"
#include "tests/support/word_errors.h"

namespace antiphon::models {
namespace {

constexpr double kSilenceSeconds = 0.3;

struct Spoken {
  std::vector<float> audio;            // at kSpeechSampleRate
  std::vector<TranscribedWord> words;  // with the true times
};

Spoken speak(const text::Pronouncer& pronouncer, const SpeechSynthesizer& voice,
             const std::string& sentence) {
  const text::PhonemePhrase phrase = pronouncer.pronounce(sentence);
  const SynthesisStart start = voice.begin(phrase, {});
  if (!start.stream) throw std::runtime_error("cannot be spoken: " + sentence);
  constexpr int kRate = SynthesisStream::kSampleRate;
  std::vector<float> sound(static_cast<std::size_t>(kSilenceSeconds * kRate));
  while (!start.stream->finished()) {
    const std::vector<float> chunk = start.stream->next(24).run_to_end();
    sound.insert(sound.end(), chunk.begin(), chunk.end());
  }
  sound.resize(sound.size() + static_cast<std::size_t>(kSilenceSeconds * kRate));
  Spoken spoken;
  spoken.audio = audio::resample(sound, kRate, kSpeechSampleRate);
  for (const WordTime& time : start.stream->words()) {
    spoken.words.push_back({phrase.words[time.word].text,
                            kSilenceSeconds + static_cast<double>(time.begin_sample) / kRate,
                            kSilenceSeconds + static_cast<double>(time.end_sample) / kRate});
  }
  return spoken;
}

struct Differences {
  std::vector<double> starts_ms, ends_ms;
  std::size_t words = 0;  // that were spoken
};

// Compares the words that both sides have, in order.
void compare(const Spoken& spoken, const std::vector<TranscribedWord>& heard, Differences& differences) {
  std::size_t next = 0;
  differences.words += spoken.words.size();
  for (const TranscribedWord& word : spoken.words) {
    const auto same = [&](const TranscribedWord& other) {
      const auto a = test::normalised_words(word.text);
      return !a.empty() && a == test::normalised_words(other.text);
    };
    // A word that was misheard or split puts the two at most a few words apart.
    const std::size_t last = std::min(next + 3, heard.size());
    const auto first = heard.begin() + static_cast<std::ptrdiff_t>(std::min(next, heard.size()));
    const auto found = std::find_if(first, heard.begin() + static_cast<std::ptrdiff_t>(last), same);
    if (found == heard.begin() + static_cast<std::ptrdiff_t>(last)) continue;
    next = static_cast<std::size_t>(found - heard.begin()) + 1;
    differences.starts_ms.push_back(1000 * (found->start_seconds - word.start_seconds));
    differences.ends_ms.push_back(1000 * (found->end_seconds - word.end_seconds));
  }
}

void print(const char* what, std::vector<double> differences) {
  if (differences.empty()) return;
  const double bias = [&] {
    std::ranges::sort(differences);
    return differences[differences.size() / 2];
  }();
  for (double& value : differences) value = std::abs(value);
  std::ranges::sort(differences);
  const auto at = [&](double share) {
    return differences[static_cast<std::size_t>(share * static_cast<double>(differences.size() - 1))];
  };
  std::printf("  %s: median %.0f ms, p90 %.0f ms, p99 %.0f ms off; typically %+.0f ms\n", what, at(0.5),
              at(0.9), at(0.99), bias);
}

void run(const std::filesystem::path& sentences) {
  const auto folder = test::models_folder();
  const text::Pronouncer pronouncer(folder / "hibari");
  const auto voice = torch::load_hibari(folder / "hibari");
  std::ifstream file(sentences);
  std::vector<Spoken> all;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) all.push_back(speak(pronouncer, *voice, line));
  }
  if (all.empty()) throw std::runtime_error(sentences.string() + ": has no sentences");
  for (const char* size : {"moonshine-base-en", "moonshine-tiny-en"}) {
    const auto recogniser = torch::load_moonshine(folder / size);
    Differences differences;
    for (const Spoken& spoken : all) {
      const Transcript transcript =
          recogniser->transcribe(spoken.audio, {.draft = {}, .word_times = true}).run_to_end();
      compare(spoken, transcript.words, differences);
    }
    std::printf("%s: %zu of %zu words compared\n", size, differences.starts_ms.size(), differences.words);
    print("starts", differences.starts_ms);
    print("ends", differences.ends_ms);
  }
}

}  // namespace
}  // namespace antiphon::models

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: word_times_bench SENTENCES\n");
    return 2;
  }
  try {
    antiphon::models::torch::use_one_thread();
    antiphon::models::run(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
