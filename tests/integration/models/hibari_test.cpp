// The synthesiser against the reference network's goldens, and what a stream promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "models/torch/hibari.h"
#include "tests/support/model_files.h"

namespace antiphon::models {
namespace {

using Json = nlohmann::json;
using torch::HibariSynthesizer;

std::u32string decode_utf8(const std::string& text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t code = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length; ++k)
      code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3fu);
    result.push_back(code);
    i += length;
  }
  return result;
}

text::PhonemePhrase phrase_of(const std::u32string& symbols) {
  text::PhonemePhrase phrase;
  phrase.symbols = symbols;
  std::size_t begin = 0;
  const auto add_word = [&](std::size_t end) {
    if (end > begin) phrase.words.push_back({"w", begin, end, begin, end});
    begin = end + 1;
  };
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (std::u32string_view(U" ,.?!").find(symbols[i]) != std::u32string_view::npos) add_word(i);
  }
  add_word(symbols.size());
  return phrase;
}

const SynthesisOptions kPlain{.noise_level = 0.0f, .trim_silence = false};

std::vector<float> speak(const SpeechSynthesizer& voice, const text::PhonemePhrase& phrase,
                         const SynthesisOptions& options, const std::function<int()>& hops) {
  const SynthesisStart start = voice.begin(phrase, options);
  EXPECT_EQ(start.refusal, SynthesisRefusal::kNone);
  std::vector<float> all;
  while (start.stream && !start.stream->finished()) {
    const int wanted = hops();
    const std::vector<float> chunk = start.stream->next(wanted).run_to_end();
    EXPECT_TRUE(chunk.size() == std::size_t(wanted) * SynthesisStream::kHopSamples ||
                start.stream->finished());
    all.insert(all.end(), chunk.begin(), chunk.end());
  }
  return all;
}

double rms(const std::vector<float>& samples) {
  double sum = 0.0;
  for (const float sample : samples) sum += double(sample) * sample;
  return std::sqrt(sum / double(samples.size()));
}

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  float largest = 0.0f;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

class HibariTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { voice_ = torch::load_hibari(test::models_folder() / "hibari"); }
  static void TearDownTestSuite() { voice_.reset(); }

  static std::vector<float> speak_in(const text::PhonemePhrase& phrase, const SynthesisOptions& options,
                                     int hops) {
    return speak(*voice_, phrase, options, [hops] { return hops; });
  }

  static inline std::unique_ptr<HibariSynthesizer> voice_;
};

// What rounded inputs may cost (hibari_weights.cpp): 0.03 Hz of pitch, 1 % of the level, and samples of which
// the loudest harmonics are that much out of phase. Durations are exact.
constexpr float kPitchNear = 3e-2f;
constexpr float kSampleNear = 1.2e-2f;
constexpr double kLevelNear = 4e-4;
constexpr float kCurveNear = 1e-1f;  // logarithms: 0.9 dB at the worst bin (0.07 measured)

const std::u32string kSentence = U"jˈɛs, ænd ðˈɛn wˌi stˈɑp.";

TEST_F(HibariTest, MatchesTheReferenceOnItsOwnGoldens) {
  std::ifstream file("tests/data/hibari_golden.json");
  for (const Json& golden : Json::parse(file)) {
    SCOPED_TRACE(golden.at("phonemes").get<std::string>());
    const auto phrase = phrase_of(decode_utf8(golden.at("phonemes")));
    SynthesisOptions options = kPlain;
    options.speed = golden.at("speed");
    const auto trace = voice_->trace(phrase, options);
    EXPECT_EQ(trace.ids, golden.at("ids").get<std::vector<int>>());
    EXPECT_EQ(trace.durations, golden.at("durations").get<std::vector<int>>());
    const auto pitch = golden.at("pitch_every_10th").get<std::vector<float>>();
    for (std::size_t i = 0; i < pitch.size(); ++i) EXPECT_NEAR(trace.pitch.at(10 * i), pitch[i], kPitchNear);
    const auto bins = golden.at("middle_hop_every_50th").get<std::vector<float>>();
    const std::size_t row = golden.at("middle_hop").get<std::size_t>() * std::size_t(trace.curves_row);
    for (std::size_t i = 0; i < bins.size(); ++i)
      EXPECT_NEAR(trace.curves.at(row + 50 * i), bins[i], kCurveNear);
    const auto samples = speak_in(phrase, options, 16);
    ASSERT_EQ(samples.size(), golden.at("samples").get<std::size_t>());
    EXPECT_NEAR(rms(samples), golden.at("rms").get<double>(), kLevelNear);
    const auto some = golden.at("samples_every_83rd").get<std::vector<float>>();
    for (std::size_t i = 0; i < some.size(); ++i) EXPECT_NEAR(samples.at(83 * i), some[i], kSampleNear) << i;
  }
}

TEST_F(HibariTest, MatchesTheReferenceOnSentences) {
  const auto path = test::shared_folder() / "models" / "golden_hibari.json";
  if (test::shared_folder().empty() || !std::filesystem::exists(path)) GTEST_SKIP() << "no shared goldens";
  std::ifstream file(path);
  const Json all = Json::parse(file);
  for (const Json& golden : all.at("cases")) {
    SCOPED_TRACE(golden.at("text").get<std::string>());
    const auto phrase = phrase_of(decode_utf8(golden.at("phonemes")));
    const auto trace = voice_->trace(phrase, {});
    EXPECT_EQ(trace.ids, golden.at("ids").get<std::vector<int>>());
    EXPECT_EQ(trace.durations, golden.at("durations_25ms").get<std::vector<int>>());
    ASSERT_EQ(trace.pitch.size(), golden.at("frames").get<std::size_t>());
    const auto pitch = golden.at("f0_hz_every_10th").get<std::vector<float>>();
    for (std::size_t i = 0; i < pitch.size(); ++i) EXPECT_NEAR(trace.pitch.at(10 * i), pitch[i], kPitchNear);
    const auto bins = golden.at("lh_frame5_first8").get<std::vector<float>>();
    for (std::size_t i = 0; i < bins.size(); ++i) {
      EXPECT_NEAR(trace.curves.at(5 * std::size_t(trace.curves_row) + i), bins[i], kCurveNear);
    }
    const auto samples = speak_in(phrase, kPlain, 32);
    ASSERT_EQ(samples.size(), golden.at("samples").get<std::size_t>());
    const auto some = golden.at("zero_noise_samples_2400_2416").get<std::vector<float>>();
    for (std::size_t i = 0; i < some.size(); ++i) EXPECT_NEAR(samples[2400 + i], some[i], kSampleNear);
    EXPECT_NEAR(rms(samples), golden.at("zero_noise_rms").get<double>(), kLevelNear);
    SynthesisOptions noisy = kPlain;
    noisy.noise_level = 1.0f;
    EXPECT_NEAR(rms(speak_in(phrase, noisy, 32)), golden.at("seed0_noise_rms").get<double>(), kLevelNear);
  }
}

TEST_F(HibariTest, SoundDoesNotDependOnTheChunks) {
  const auto phrase = phrase_of(kSentence);
  for (const bool trim : {false, true}) {
    const SynthesisOptions options{.noise_seed = 7, .trim_silence = trim};
    const auto whole = speak_in(phrase, options, 10'000);
    std::mt19937 random(3);
    for (const int hops : {1, 2, 7, 32, 0}) {
      const auto pieces =
          speak(*voice_, phrase, options, [&] { return hops > 0 ? hops : 1 + int(random() % 40); });
      ASSERT_EQ(pieces.size(), whole.size()) << hops;
      EXPECT_LE(largest_difference(pieces, whole), 5e-6f) << hops;
    }
  }
}

TEST_F(HibariTest, StreamsInFlightDoNotDisturbEachOther) {
  const auto first = phrase_of(kSentence);
  const auto second = phrase_of(U"wˈʌn mˈɔɹ stˈɛp.");
  const auto alone = speak_in(first, {}, 6);
  const auto other_alone = speak_in(second, {}, 6);
  const SynthesisStart a = voice_->begin(first, {});
  const SynthesisStart b = voice_->begin(second, {});
  std::vector<float> sound[2];
  while (!a.stream->finished() || !b.stream->finished()) {
    for (const auto* start : {&a, &b}) {
      if (start->stream->finished()) continue;
      const auto chunk = start->stream->next(6).run_to_end();
      auto& out = sound[start == &b];
      out.insert(out.end(), chunk.begin(), chunk.end());
    }
  }
  EXPECT_EQ(sound[0], alone);
  EXPECT_EQ(sound[1], other_alone);
}

TEST_F(HibariTest, AStreamMayBeDroppedAnywhere) {
  const auto phrase = phrase_of(kSentence);
  for (int steps = 0; steps < 12; ++steps) {
    const SynthesisStart start = voice_->begin(phrase, {});
    Stepped<std::vector<float>> work = start.stream->next(200);
    for (int i = 0; i < steps && !work.done(); ++i) work.step();
    if (!work.done()) {
      EXPECT_FALSE(start.stream->finished());
    }
  }
  EXPECT_EQ(speak_in(phrase, {}, 6), speak_in(phrase, {}, 6));
}

TEST_F(HibariTest, NothingAudibleIsCutAtAnySpeed) {
  const auto energy = [](const std::vector<float>& samples) {
    return rms(samples) * rms(samples) * double(samples.size());
  };
  for (const float speed : {0.25f, 0.5f, 0.7f, 0.85f, 1.3f, 2.0f, 4.0f}) {
    for (const auto* symbols : {U"jˈɛs, ænd ðˈɛn wˌi stˈɑp.", U"θˈɪŋk əbˈWt bˈOθ.", U"hˈæf."}) {
      const auto phrase = phrase_of(symbols);
      const auto whole = speak_in(phrase, {.speed = speed, .trim_silence = false}, 32);
      const auto trimmed = speak_in(phrase, {.speed = speed}, 12);
      EXPECT_NEAR(energy(trimmed) / energy(whole), 1.0, 1e-3) << speed;
    }
  }
}

TEST_F(HibariTest, TrimmedSoundIsThePhraseWithoutItsSilence) {
  for (const auto end : {text::PhraseEnd::kSentence, text::PhraseEnd::kClause, text::PhraseEnd::kOpen}) {
    auto phrase = phrase_of(kSentence);
    phrase.end = end;
    const auto whole = speak_in(phrase, {.trim_silence = false}, 32);
    const auto trimmed = speak_in(phrase, {}, 6);
    const double energy_whole = rms(whole) * rms(whole) * double(whole.size());
    const double energy_trimmed = rms(trimmed) * rms(trimmed) * double(trimmed.size());
    EXPECT_NEAR(energy_trimmed / energy_whole, 1.0, 1e-3);
    EXPECT_LT(trimmed.size() + 24'000 * 3 / 10, whole.size());  // at least 0.3 s are gone
    EXPECT_LT(std::abs(trimmed.front()), 1e-4f);
    EXPECT_LT(std::abs(trimmed.back()), 1e-4f);
  }
}

TEST_F(HibariTest, PausesFitThePunctuation) {
  std::vector<std::size_t> sizes;
  for (const auto end : {text::PhraseEnd::kOpen, text::PhraseEnd::kClause, text::PhraseEnd::kSentence}) {
    auto phrase = phrase_of(kSentence);
    phrase.end = end;
    sizes.push_back(speak_in(phrase, {}, 6).size());
  }
  EXPECT_EQ(sizes[1] - sizes[0], 6u * 300);   // 50 ms, 125 ms
  EXPECT_EQ(sizes[2] - sizes[1], 10u * 300);  // 250 ms
}

TEST_F(HibariTest, SpeedStretchesThePhrase) {
  const auto phrase = phrase_of(kSentence);
  std::size_t before = SIZE_MAX;
  for (const float speed : {0.25f, 0.5f, 0.8f, 1.0f, 1.5f, 2.0f, 4.0f}) {
    const std::size_t size = speak_in(phrase, {.speed = speed}, 12).size();
    EXPECT_LT(size, before) << speed;
    before = size;
  }
}

TEST_F(HibariTest, WordTimesRiseAndStayInTheSound) {
  const auto phrase = phrase_of(kSentence);
  const SynthesisStart start = voice_->begin(phrase, {});
  EXPECT_TRUE(start.stream->words().empty());
  std::size_t made = start.stream->next(4).run_to_end().size();
  ASSERT_EQ(start.stream->words().size(), phrase.words.size());
  const std::vector<WordTime> early(start.stream->words().begin(), start.stream->words().end());
  EXPECT_FALSE(start.stream->samples_total().has_value());
  while (!start.stream->finished()) made += start.stream->next(8).run_to_end().size();
  EXPECT_EQ(start.stream->samples_total(), std::int64_t(made));
  std::int64_t before = 0;
  for (const WordTime& word : start.stream->words()) {
    EXPECT_EQ(word.word, std::size_t(&word - start.stream->words().data()));
    EXPECT_GE(word.begin_sample, before);
    EXPECT_GT(word.end_sample, word.begin_sample);
    EXPECT_LE(word.end_sample, std::int64_t(made));
    before = word.end_sample;
    if (word.word + 1 == phrase.words.size()) continue;
    EXPECT_EQ(word.begin_sample, early[word.word].begin_sample);
    EXPECT_EQ(word.end_sample, early[word.word].end_sample);
  }
  EXPECT_LE(start.stream->words().back().end_sample, early.back().end_sample);
}

TEST_F(HibariTest, WordTimesFollowTheDurations) {
  const auto phrase = phrase_of(kSentence);
  const auto durations = voice_->trace(phrase, {}).durations;
  const SynthesisStart start = voice_->begin(phrase, {.trim_silence = false});
  (void)start.stream->next(1).run_to_end();
  for (const WordTime& word : start.stream->words()) {
    std::int64_t begin = -1440;  // sound runs 60 ms ahead
    for (std::size_t i = 0; i <= phrase.words[word.word].symbol_begin; ++i) begin += durations[i] * 600;
    EXPECT_EQ(word.begin_sample, begin);
  }
}

// A word's first sound is where its time says: between two words that a pause parts, the middle of the
// silence lies between the first one's end and the second one's begin, give or take 75 ms.
TEST_F(HibariTest, WordTimesAgreeWithTheSound) {
  const auto phrase = phrase_of(U"stˈɑp, stˈɑp, stˈɑp.");
  const SynthesisStart start = voice_->begin(phrase, {});
  std::vector<float> sound;
  while (!start.stream->finished()) {
    const auto chunk = start.stream->next(12).run_to_end();
    sound.insert(sound.end(), chunk.begin(), chunk.end());
  }
  const auto words = start.stream->words();
  for (std::size_t w = 1; w < words.size(); ++w) {
    const std::int64_t from = (words[w - 1].begin_sample + words[w - 1].end_sample) / 2;
    const std::int64_t to = (words[w].begin_sample + words[w].end_sample) / 2;
    double quietest = 1e9;
    std::int64_t silence = 0;
    for (std::int64_t at = from; at + 1200 < to; at += 120) {
      const double level = rms({sound.begin() + at, sound.begin() + at + 1200});
      if (level < quietest) silence = at + 600;
      quietest = std::min(quietest, level);
    }
    EXPECT_LT(quietest, 0.01);
    EXPECT_GT(silence, words[w - 1].end_sample - 1800);
    EXPECT_LT(silence, words[w].begin_sample + 1800);
  }
}

TEST_F(HibariTest, RefusesWhatItCannotSpeak) {
  const auto refusal = [&](const std::u32string& symbols, float speed = 1.0f) {
    const SynthesisStart start = voice_->begin(phrase_of(symbols), {.speed = speed});
    EXPECT_EQ(start.stream == nullptr, start.refusal != SynthesisRefusal::kNone);
    return start.refusal;
  };
  EXPECT_EQ(refusal(U""), SynthesisRefusal::kNothingToSay);
  EXPECT_EQ(refusal(U" .,!"), SynthesisRefusal::kNothingToSay);
  EXPECT_EQ(refusal(U"\U0001f600\u4e2d"), SynthesisRefusal::kNothingToSay);
  EXPECT_EQ(refusal(std::u32string(511, U'ɑ')), SynthesisRefusal::kTooLong);
  EXPECT_EQ(refusal(U"ɑ", 0.2f), SynthesisRefusal::kSpeedOutOfRange);
  EXPECT_EQ(refusal(U"ɑ", 5.0f), SynthesisRefusal::kSpeedOutOfRange);
  EXPECT_EQ(refusal(U"ɑ", NAN), SynthesisRefusal::kSpeedOutOfRange);
  EXPECT_EQ(refusal(U"ɑ"), SynthesisRefusal::kNone);
}

TEST_F(HibariTest, LeavesOutUnknownSymbols) {
  auto clean = phrase_of(U"jˈɛs ðˈɛn.");
  auto dirty = phrase_of(U"jˈ\U0001f600ɛs ðˈɛ\u4e2dn.");
  const SynthesisStart start = voice_->begin(dirty, {});
  EXPECT_EQ(start.stream->unknown_symbols(), 2);
  EXPECT_EQ(start.stream->next(10'000).run_to_end(), speak_in(clean, {}, 10'000));
  const SynthesisStart reference = voice_->begin(clean, {});
  (void)reference.stream->next(10'000).run_to_end();
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(start.stream->words()[i].begin_sample, reference.stream->words()[i].begin_sample);
    EXPECT_EQ(start.stream->words()[i].end_sample, reference.stream->words()[i].end_sample);
  }
}

TEST_F(HibariTest, SpeaksTheLongestPhraseInManySteps) {
  std::u32string symbols;
  while (symbols.size() + kSentence.size() < SpeechSynthesizer::kSymbolsMax) {
    symbols += kSentence.substr(0, kSentence.size() - 1) + U", ";
  }
  const SynthesisStart start = voice_->begin(phrase_of(symbols), {});
  int steps = 1;
  auto work = start.stream->next(10'000);
  while (!work.step()) ++steps;
  EXPECT_GT(steps, 50);
  EXPECT_GT(work.take().size(), 24'000u * 20);
}

TEST(HibariFiles, BadFoldersAreNamed) {
  try {
    torch::load_hibari("tests/data/no_such_voice");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("hibari.json"), std::string::npos);
  }
}

}  // namespace
}  // namespace antiphon::models
