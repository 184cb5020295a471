// Sentences with numbers, money, dates, times, names and abbreviations: said by the synthesiser, written down
// by the recogniser, compared as tests/support/spoken_words.h says.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "audio/resampler.h"
#include "audio/wav_writer.h"
#include "models/catalogue/catalogue.h"
#include "server/commands/loaded_models.h"
#include "server/commands/speaker.h"
#include "server/console/recording_transcriber.h"
#include "tests/support/model_files.h"
#include "tests/support/spoken_words.h"

namespace antiphon::server {
namespace {

struct Sentence {
  std::string written;
  std::string expected;
  std::string heard;
  test::WordErrors errors;
};

std::vector<Sentence> sentences() {
  std::ifstream file("tests/data/spoken_sentences.tsv");
  std::vector<Sentence> sentences;
  for (std::string line; std::getline(file, line);) {
    const std::size_t tab = line.find('\t');
    if (line.starts_with('#') || tab == std::string::npos) continue;
    sentences.push_back({line.substr(0, tab), line.substr(tab + 1), "", {}});
  }
  return sentences;
}

LoadedModels load(const std::set<models::Job>& jobs) {
  return load_models({models::Catalogue::built_in(), models::ModelSet::kStandard, test::models_folder()},
                     {.jobs = jobs});
}

class SayAndHear {
 public:
  std::string operator()(const std::string& text) {
    std::stringstream bytes;
    audio::WavWriter wav(bytes, models::SynthesisStream::kSampleRate);
    Speaker speaker(loaded_, {}, [&](std::span<const float> samples) { wav.write(samples); });
    speaker.feed(text);
    speaker.finish();
    audio::WavReader reader(bytes, text);
    std::string heard;
    transcriber_.transcribe(reader, {[&](const RecordedSpeech& speech) {
                                       heard += (heard.empty() ? "" : " ") + speech.transcript.text;
                                     },
                                     [](double) {}});
    return heard;
  }

 private:
  const LoadedModels loaded_ =
      load({models::Job::kVoiceActivity, models::Job::kRecognition, models::Job::kSynthesis});
  RecordingTranscriber transcriber_{*loaded_.voice_activity, *loaded_.recognizer, false};
};

TEST(SpokenSentences, AreUnderstood) {
  std::vector<Sentence> said = sentences();
  ASSERT_GE(said.size(), 50U);
  SayAndHear say_and_hear;
  int errors = 0;
  int words = 0;
  for (Sentence& sentence : said) {
    sentence.heard = say_and_hear(sentence.written);
    sentence.errors = test::spoken_word_errors(sentence.expected, sentence.heard);
    errors += sentence.errors.errors;
    words += sentence.errors.words;
  }
  std::ranges::stable_sort(said, std::greater(), [](const Sentence& s) { return s.errors.errors; });
  std::cout << said.size() << " sentences, " << errors << " errors in " << words
            << " words: " << 100.0 * errors / words << " %\n";
  for (const Sentence& sentence : said) {
    if (sentence.errors.errors == 0) break;
    std::cout << "  " << sentence.errors.errors << "  said:  " << sentence.written
              << "\n     heard: " << sentence.heard << "\n";
  }
  EXPECT_LE(errors, 0.03 * words);
}

// How far the recogniser's word times are from the synthesiser's, which are known, over sentences of plain
// words that were heard as they were said.
TEST(SpokenSentences, WordTimesAreNearTheSynthesisers) {
  const LoadedModels loaded = load({models::Job::kRecognition, models::Job::kSynthesis});
  std::vector<double> begins;
  std::vector<double> ends;
  for (const Sentence& sentence : sentences()) {
    const auto phrase = loaded.pronouncer->pronounce(sentence.written);
    const auto begun = loaded.synthesizer->begin(phrase, {});
    std::vector<float> sound;
    while (!begun.stream->finished()) {
      const auto chunk = begun.stream->next(12).run_to_end();
      sound.insert(sound.end(), chunk.begin(), chunk.end());
    }
    const auto said = begun.stream->words();
    const auto heard =
        loaded.recognizer->transcribe(audio::resample(sound, 24000, 16000), {.draft = {}, .word_times = true})
            .run_to_end()
            .words;
    if (heard.size() != said.size()) continue;  // numbers are heard as other words than were written
    for (std::size_t i = 0; i < said.size(); ++i) {
      begins.push_back(std::abs(heard[i].start_seconds - static_cast<double>(said[i].begin_sample) / 24000));
      ends.push_back(std::abs(heard[i].end_seconds - static_cast<double>(said[i].end_sample) / 24000));
    }
  }
  ASSERT_GT(begins.size(), 200U);
  for (auto* errors : {&begins, &ends}) {
    std::ranges::sort(*errors);
    const double median = (*errors)[errors->size() / 2];
    const double p90 = (*errors)[errors->size() * 9 / 10];
    std::cout << errors->size() << " words, " << (errors == &begins ? "begins" : "ends") << ": half within "
              << median << " s, nine of ten within " << p90 << " s\n";
    EXPECT_LE(median, 0.1);
    EXPECT_LE(p90, 0.25);
  }
}

}  // namespace
}  // namespace antiphon::server
