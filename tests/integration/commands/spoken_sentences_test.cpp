// Sentences with numbers, money, dates, times, names and abbreviations: said by the synthesiser, written down
// by the recogniser, compared as tests/support/spoken_words.h says.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "audio/wav_writer.h"
#include "models/catalogue/catalogue.h"
#include "models/native/silero_vad.h"
#include "models/torch/moonshine_recognizer.h"
#include "models/torch/threads.h"
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

class SayAndHear {
 public:
  std::string operator()(const std::string& text) {
    std::stringstream bytes;
    audio::WavWriter wav(bytes, models::SynthesisStream::kSampleRate);
    Speaker speaker(voice_, {}, [&](std::span<const float> samples) { wav.write(samples); });
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
  const models::ResolvedModels models_{models::Catalogue::built_in(), models::ModelSet::kStandard,
                                       test::models_folder()};
  const Voice voice_{models_};
  models::SileroVad detector_{models_.folder(models::Job::kVoiceActivity) / "silero_vad_16k.safetensors", 1};
  const std::unique_ptr<models::SpeechRecognizer> recognizer_ =
      models::torch::load_moonshine(models_.folder(models::Job::kRecognition));
  RecordingTranscriber transcriber_{detector_, *recognizer_, false};
};

TEST(SpokenSentences, AreUnderstood) {
  models::torch::use_one_thread();
  std::vector<Sentence> said = sentences();
  ASSERT_GE(said.size(), 50U);
  SayAndHear say_and_hear;
  int errors = 0;
  int words = 0;
  for (Sentence& sentence : said) {
    sentence.heard = say_and_hear(sentence.written);
    sentence.errors = test::word_errors(sentence.expected, sentence.heard);
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

}  // namespace
}  // namespace antiphon::server
