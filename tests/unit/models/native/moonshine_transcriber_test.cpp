// The decoding loop on a small network with random weights: what must hold whatever the weights are.
#include "models/native/moonshine_transcriber.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <thread>

#include "tests/support/safetensors_writer.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models {
namespace {

MoonshineConfig small_config() {
  MoonshineConfig config;
  config.hidden_size = 64;
  config.heads = 2;
  config.head_dim = 32;
  config.encoder_layers = 1;
  config.decoder_layers = 2;
  config.encoder_ffn = 64;
  config.decoder_ffn = 96;
  config.rotary_dim = 16;
  config.rope_theta = 10000;
  config.vocabulary = 96;
  config.start_token = 1;
  config.end_token = 2;
  config.positions_max = 194;
  config.tied_embedding = true;
  config.alignment_heads = {{1, 0}, {1, 1}};
  config.onset_share = 0.2F;
  return config;
}

class RandomWeights {
 public:
  // `strength` scales all that a layer adds; at 0 every token is followed by itself.
  RandomWeights(const MoonshineConfig& config, unsigned seed, float strength = 1) : random_(seed) {
    const int width = config.hidden_size;
    matrix("decoder.embed_tokens", config.vocabulary, width, 0.03F);
    ones("decoder.norm", width);
    for (int i = 0; i < config.decoder_layers; ++i) {
      const std::string prefix = "decoder.layers." + std::to_string(i) + ".";
      for (const char* norm : {"input_layernorm", "post_attention_layernorm", "final_layernorm"})
        ones(prefix + norm, width);
      for (const char* attention : {"self_attn.", "encoder_attn."}) {
        for (const char* part : {"q_proj", "k_proj", "v_proj", "o_proj"})
          matrix(prefix + attention + part, width, width, 0.006F * strength + 1e-9F);
      }
      matrix(prefix + "mlp.fc1", 2 * config.decoder_ffn, width, 0.006F * strength + 1e-9F);
      matrix(prefix + "mlp.fc2", width, config.decoder_ffn, 0.006F * strength + 1e-9F);
      vector(prefix + "mlp.fc1.bias", 2 * config.decoder_ffn, 0.1F * strength);
      vector(prefix + "mlp.fc2.bias", width, 0.1F * strength);
    }
  }

  SafetensorsFile file(const std::string& name) {
    writer_.write(folder_.file(name));
    return SafetensorsFile(folder_.file(name));
  }

 private:
  void matrix(const std::string& name, int rows, int cols, float scale) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(cols));
    for (auto& value : values)
      value = static_cast<std::int8_t>(std::uniform_int_distribution(-127, 127)(random_));
    writer_.add_i8(name + ".weight", {rows, cols}, values);
    writer_.add_f32(name + ".weight.scale", {1}, std::vector<float>{scale});
    writer_.add_f32(name + ".weight.offset", {1}, std::vector<float>{3 * scale});
  }
  void ones(const std::string& name, int count) {
    writer_.add_f32(name + ".weight", {count}, std::vector<float>(static_cast<std::size_t>(count), 1.0F));
  }
  void vector(const std::string& name, int count, float deviation) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values) value = deviation * std::normal_distribution<float>()(random_);
    writer_.add_f32(name, {count}, values);
  }

  const test::TemporaryFolder folder_;
  std::mt19937 random_;
  test::SafetensorsWriter writer_;
};

text::SentencePieceVocabulary small_vocabulary(int size) {
  std::vector<std::string> pieces{"<unk>", "<s>", "</s>"};
  for (int id = 3; id < size; ++id) {
    pieces.push_back((id % 3 == 0 ? "\xE2\x96\x81" : "") + std::string(1, static_cast<char>('a' + id % 26)));
  }
  return text::SentencePieceVocabulary(std::move(pieces));
}

EncodedSpeech random_speech(unsigned seed, int rows, int width) {
  std::mt19937 random(seed);
  EncodedSpeech speech{kSpeechSamplesMin + (rows - 1) * 384, rows, {}};
  speech.values.resize(static_cast<std::size_t>(rows) * static_cast<std::size_t>(width));
  for (float& value : speech.values) value = std::normal_distribution<float>()(random);
  return speech;
}

class MoonshineTranscriberTest : public testing::Test {
 protected:
  Stepped<Transcript> decode(unsigned seed, int rows, TranscribeOptions options = {}) const {
    return transcriber_.decode(random_speech(seed, rows, config_.hidden_size), std::move(options));
  }

  MoonshineConfig config_ = small_config();
  MoonshineDecoder decoder_{RandomWeights(config_, 1).file("moonshine_transcriber_test.safetensors"),
                            config_};
  text::SentencePieceVocabulary vocabulary_ = small_vocabulary(config_.vocabulary);
  MoonshineTranscriber transcriber_{decoder_, vocabulary_};
};

void expect_same(const Transcript& a, const Transcript& b) {
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.end, b.end);
  ASSERT_EQ(a.log_probabilities.size(), b.log_probabilities.size());
  for (std::size_t i = 0; i < a.log_probabilities.size(); ++i) {
    EXPECT_NEAR(a.log_probabilities[i], b.log_probabilities[i], 1e-3) << i;
  }
}

TEST_F(MoonshineTranscriberTest, EndsByTokenLimitAtTheLatest) {
  EXPECT_EQ(transcriber_.token_limit(kSpeechSampleRate * 2, 6.5), 13);
  EXPECT_EQ(transcriber_.token_limit(kSpeechSampleRate * 30, 6.5), 194);
  EXPECT_EQ(transcriber_.token_limit(895, 6.5), 1);
  EXPECT_EQ(transcriber_.token_limit(kSpeechSampleRate, 0), 1);
  EXPECT_EQ(transcriber_.token_limit(kSpeechSampleRate, std::numeric_limits<double>::quiet_NaN()), 1);
  for (unsigned seed = 0; seed < 8; ++seed) {
    const Transcript transcript = decode(seed, 80).run_to_end();
    const int limit = transcriber_.token_limit(random_speech(seed, 80, 1).samples, 6.5);
    EXPECT_LE(static_cast<int>(transcript.tokens.size()), limit);
    if (transcript.end == Transcript::End::kTokenLimit) {
      EXPECT_EQ(static_cast<int>(transcript.tokens.size()), limit);
    }
    EXPECT_EQ(transcript.log_probabilities.size(), transcript.tokens.size());
    for (const float chance : transcript.log_probabilities) EXPECT_LE(chance, 1e-3F);
  }
}

TEST_F(MoonshineTranscriberTest, AudioWithoutRowsHasNoText) {
  EXPECT_EQ(transcriber_.decode({894, 0, {}}, {}).run_to_end().end, Transcript::End::kTooShort);
  const Transcript refused = transcriber_.decode({kSpeechSamplesMax + 1, 0, {}}, {}).run_to_end();
  EXPECT_EQ(refused.end, Transcript::End::kTooLong);
  EXPECT_TRUE(refused.text.empty());
}

TEST_F(MoonshineTranscriberTest, ADraftNeverChangesTheResult) {
  for (unsigned seed = 0; seed < 4; ++seed) {
    const Transcript plain = decode(seed, 400).run_to_end();
    ASSERT_GT(plain.tokens.size(), 3U);
    std::vector<int> half(plain.tokens.begin(),
                          plain.tokens.begin() + static_cast<std::ptrdiff_t>(plain.tokens.size() / 2));
    std::vector<int> wrong = plain.tokens;
    wrong[wrong.size() / 3] = wrong[wrong.size() / 3] == 50 ? 51 : 50;
    std::vector<int> longer = plain.tokens;
    longer.insert(longer.end(), 300, 7);
    const std::vector<int> unusable{-5, config_.vocabulary, 1, 2};
    for (const auto& draft : {plain.tokens, half, wrong, longer, unusable}) {
      const Transcript drafted = decode(seed, 400, {.draft = draft}).run_to_end();
      expect_same(drafted, plain);
      EXPECT_LE(drafted.draft_tokens_accepted, static_cast<int>(draft.size()));
    }
    EXPECT_EQ(decode(seed, 400, {.draft = half}).run_to_end().draft_tokens_accepted,
              static_cast<int>(half.size()));
    EXPECT_EQ(decode(seed, 400, {.draft = wrong}).run_to_end().draft_tokens_accepted,
              static_cast<int>(wrong.size() / 3));
    EXPECT_EQ(decode(seed, 400, {.draft = unusable}).run_to_end().draft_tokens_accepted, 0);
  }
}

TEST_F(MoonshineTranscriberTest, ALoopEndsTheTranscriptAndIsCut) {
  const MoonshineDecoder stuck(RandomWeights(config_, 1, 0).file("moonshine_loop_test.safetensors"), config_);
  const MoonshineTranscriber transcriber(stuck, vocabulary_);
  const Transcript transcript = transcriber.decode(random_speech(1, 1240, 64), {}).run_to_end();
  EXPECT_EQ(transcript.end, Transcript::End::kLoop);
  EXPECT_EQ(transcript.tokens.size(), 1U);
  EXPECT_EQ(transcript.log_probabilities.size(), 1U);
  EXPECT_EQ(transcript.decoder_steps, 16);
  const std::vector<int> draft(30, transcript.tokens[0]);
  const Transcript drafted = transcriber.decode(random_speech(1, 1240, 64), {.draft = draft}).run_to_end();
  expect_same(drafted, transcript);
  EXPECT_EQ(drafted.decoder_steps, 1);
}

TEST_F(MoonshineTranscriberTest, InterleavedTranscriptionsDoNotTouchEachOther) {
  const Transcript first_alone = decode(1, 200).run_to_end();
  const Transcript second_alone = decode(2, 90, {.draft = {4, 5}, .word_times = true}).run_to_end();
  auto first = decode(1, 200);
  auto second = decode(2, 90, {.draft = {4, 5}, .word_times = true});
  while (!first.done() || !second.done()) {
    if (!first.done()) first.step();
    if (!second.done()) second.step();
  }
  expect_same(first.take(), first_alone);
  expect_same(second.take(), second_alone);
}

TEST_F(MoonshineTranscriberTest, ThreadsMayShareTheWeights) {
  const Transcript alone = decode(3, 150).run_to_end();
  std::vector<Transcript> results(3);
  std::vector<std::thread> threads;
  for (Transcript& result : results) threads.emplace_back([&] { result = decode(3, 150).run_to_end(); });
  for (std::thread& thread : threads) thread.join();
  for (const Transcript& result : results) expect_same(result, alone);
}

TEST_F(MoonshineTranscriberTest, MayBeDroppedAfterAnyStep) {
  for (int steps = 0; steps < 40; ++steps) {
    auto work = decode(4, 300, {.draft = std::vector<int>(40, 9), .word_times = true});
    for (int i = 0; i < steps && !work.done(); ++i) work.step();
  }
}

TEST_F(MoonshineTranscriberTest, WordTimesAreOrderedAndInsideTheAudio) {
  for (unsigned seed = 0; seed < 4; ++seed) {
    const EncodedSpeech speech = random_speech(seed, 120, config_.hidden_size);
    const double length = static_cast<double>(speech.samples) / kSpeechSampleRate;
    const Transcript transcript = transcriber_.decode(speech, {.draft = {}, .word_times = true}).run_to_end();
    ASSERT_FALSE(transcript.words.empty());
    std::string joined;
    double before = 0;
    for (const TranscribedWord& word : transcript.words) {
      joined += (joined.empty() ? "" : " ") + word.text;
      EXPECT_GE(word.start_seconds, before - 0.0241);
      EXPECT_GT(word.end_seconds, word.start_seconds);
      EXPECT_LE(word.end_seconds, length);
      EXPECT_LE(word.log_probability, 1e-3F);
      before = word.end_seconds;
    }
    EXPECT_EQ(joined, transcript.text);
    EXPECT_TRUE(transcriber_.decode(speech, {}).run_to_end().words.empty());
  }
}

TEST(MoonshineDecoder, NamesTheFileAndTheTensorThatDoesNotFit) {
  MoonshineConfig config = small_config();
  const SafetensorsFile file = RandomWeights(config, 1).file("moonshine_decoder_test.safetensors");
  config.decoder_layers = 3;
  try {
    MoonshineDecoder decoder(file, config);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("moonshine_decoder_test.safetensors"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("decoder.layers.2."), std::string::npos);
  }
  config = small_config();
  config.decoder_ffn = 95;
  EXPECT_THROW(MoonshineDecoder(file, config), std::runtime_error);
  config = small_config();
  config.tied_embedding = false;  // but the file has no output matrix
  EXPECT_THROW(MoonshineDecoder(file, config), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models
