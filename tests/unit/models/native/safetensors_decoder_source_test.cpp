#include "models/native/safetensors_decoder_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/native/decoder_language_model.h"
#include "models/native/gguf_decoder_source.h"
#include "tests/support/gguf_bytes.h"
#include "tests/support/safetensors_writer.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr int kWidth = 32, kHeads = 4, kKvHeads = 2, kHead = 8, kFeedForward = 64, kVocabulary = 40,
              kLayers = 2;

struct Matrix {
  std::string gguf;
  std::string theirs;
  int rows;
  int columns;  // 0: a vector
  bool rotated = false;
  std::vector<float> values{};
};

// A made-up network; its weights are whole 64ths, which f16 and bf16 hold exactly.
std::vector<Matrix> made_up(const std::string& family, bool tied) {
  std::vector<Matrix> all{{"token_embd.weight", "model.embed_tokens.weight", kVocabulary, kWidth},
                          {"output_norm.weight", "model.norm.weight", kWidth, 0}};
  if (!tied) all.push_back({"output.weight", "lm_head.weight", kVocabulary, kWidth});
  for (int i = 0; i < kLayers; ++i) {
    const std::string g = "blk." + std::to_string(i) + ".", h = "model.layers." + std::to_string(i) + ".";
    all.push_back({g + "attn_norm.weight", h + "input_layernorm.weight", kWidth, 0});
    all.push_back({g + "ffn_norm.weight", h + "post_attention_layernorm.weight", kWidth, 0});
    all.push_back({g + "attn_q.weight", h + "self_attn.q_proj.weight", kHeads * kHead, kWidth, true});
    all.push_back({g + "attn_k.weight", h + "self_attn.k_proj.weight", kKvHeads * kHead, kWidth, true});
    all.push_back({g + "attn_v.weight", h + "self_attn.v_proj.weight", kKvHeads * kHead, kWidth});
    all.push_back({g + "attn_output.weight", h + "self_attn.o_proj.weight", kWidth, kHeads * kHead});
    all.push_back({g + "ffn_gate.weight", h + "mlp.gate_proj.weight", kFeedForward, kWidth});
    all.push_back({g + "ffn_up.weight", h + "mlp.up_proj.weight", kFeedForward, kWidth});
    all.push_back({g + "ffn_down.weight", h + "mlp.down_proj.weight", kWidth, kFeedForward});
    if (family != "qwen2") continue;
    all.push_back({g + "attn_q.bias", h + "self_attn.q_proj.bias", kHeads * kHead, 0});
    all.push_back({g + "attn_k.bias", h + "self_attn.k_proj.bias", kKvHeads * kHead, 0});
    all.push_back({g + "attn_v.bias", h + "self_attn.v_proj.bias", kKvHeads * kHead, 0});
  }
  std::mt19937 random(7);
  for (Matrix& matrix : all) {
    const int count = matrix.rows * std::max(1, matrix.columns);
    for (int i = 0; i < count; ++i)
      matrix.values.push_back(static_cast<float>(static_cast<int>(random() % 61) - 30) / 64);
  }
  return all;
}

// GGUF's llama files hold the rows of a head so that those that turn together are neighbours.
std::vector<float> neighbours(const Matrix& matrix) {
  std::vector<float> values;
  for (int row = 0; row < matrix.rows; ++row) {
    const int in_head = row % kHead;
    const int from = row - in_head + in_head / 2 + in_head % 2 * (kHead / 2);
    const auto begin = matrix.values.begin() + from * matrix.columns;
    values.insert(values.end(), begin, begin + matrix.columns);
  }
  return values;
}

json config_of(const std::string& family, bool tied) {
  return {{"model_type", family},          {"num_hidden_layers", kLayers},
          {"hidden_size", kWidth},         {"intermediate_size", kFeedForward},
          {"num_attention_heads", kHeads}, {"num_key_value_heads", kKvHeads},
          {"vocab_size", kVocabulary},     {"max_position_embeddings", 64},
          {"rms_norm_eps", 1e-5},          {"rope_theta", 5000.0},
          {"tie_word_embeddings", tied}};
}

std::string gguf_of(const std::string& family, const std::vector<Matrix>& matrices) {
  test::GgufBytes bytes;
  bytes.text("general.architecture", family)
      .whole(family + ".block_count", kLayers)
      .whole(family + ".embedding_length", kWidth)
      .whole(family + ".feed_forward_length", kFeedForward)
      .whole(family + ".attention.head_count", kHeads)
      .whole(family + ".attention.head_count_kv", kKvHeads)
      .whole(family + ".context_length", 64)
      .number(family + ".attention.layer_norm_rms_epsilon", 1e-5f)
      .number(family + ".rope.freq_base", 5000.0f);
  for (const Matrix& matrix : matrices) {
    std::vector<std::uint64_t> extents{static_cast<std::uint64_t>(matrix.rows)};
    if (matrix.columns > 0) extents.insert(extents.begin(), static_cast<std::uint64_t>(matrix.columns));
    bytes.f32(matrix.gguf, extents, matrix.rotated && family == "llama" ? neighbours(matrix) : matrix.values);
  }
  return bytes.bytes();
}

std::vector<float> logits_of(std::unique_ptr<const DecoderSource> source) {
  DecoderLanguageModel model(
      std::move(source),
      {.slots = 1, .context_tokens_max = 16, .passes_max = 1, .arithmetic = Arithmetic::kF32});
  model.forward(rows_of(Slot{0}, std::vector<Token>{3, 17, 5, 39, 11, 3, 8})).run_to_end();
  const auto logits = model.logits(Slot{0});
  return {logits.begin(), logits.end()};
}

class SafetensorsDecoderSourceTest : public ::testing::Test {
 protected:
  void write_config(const json& config) { std::ofstream(folder_.file("config.json")) << config; }
  // Those that `holds` lets through.
  template <class Holds>
  void write_weights(const char* name, const std::vector<Matrix>& matrices, Holds holds,
                     const char* type = "F32") {
    test::SafetensorsWriter writer;
    for (const Matrix& matrix : matrices) {
      if (!holds(matrix)) continue;
      std::vector<std::int64_t> shape{matrix.rows};
      if (matrix.columns > 0) shape.push_back(matrix.columns);
      if (type == std::string("BF16")) {
        writer.add_bf16(matrix.theirs, shape, matrix.values);
      } else {
        writer.add_f32(matrix.theirs, shape, matrix.values);
      }
    }
    writer.write(folder_.file(name));
  }
  void write(const std::string& family, bool tied, const char* type = "F32") {
    write_config(config_of(family, tied));
    write_weights("model.safetensors", made_up(family, tied), [](const Matrix&) { return true; }, type);
  }
  std::vector<float> gguf_logits(const std::string& family, bool tied) {
    const auto path = folder_.file("model.gguf");
    std::ofstream(path, std::ios::binary) << gguf_of(family, made_up(family, tied));
    return logits_of(std::make_unique<GgufDecoderSource>(std::make_unique<GgufFile>(path)));
  }
  std::vector<float> folder_logits() {
    return logits_of(std::make_unique<SafetensorsDecoderSource>(folder_.path()));
  }
  std::string refusal() {
    try {
      folder_logits();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  const test::TemporaryFolder folder_;
};

TEST_F(SafetensorsDecoderSourceTest, EqualsTheSameNetworkInGguf) {
  for (const char* family : {"llama", "qwen2"}) {
    for (const bool tied : {true, false}) {
      SCOPED_TRACE(std::string(family) + (tied ? ", tied" : ""));
      write(family, tied);
      const auto logits = folder_logits();
      EXPECT_THAT(logits, Pointwise(FloatNear(2e-3f), gguf_logits(family, tied)));
      EXPECT_GT(*std::ranges::max_element(logits) - *std::ranges::min_element(logits), 0.1f);
    }
  }
}

// What the comparison above would show if a family's pairs were taken for the other's.
TEST_F(SafetensorsDecoderSourceTest, TheRotationMatters) {
  write("llama", true);
  const auto logits = folder_logits();
  json config = config_of("llama", true);
  config["rope_theta"] = 500.0;
  write_config(config);
  EXPECT_THAT(folder_logits(), ::testing::Not(Pointwise(FloatNear(2e-3f), logits)));
}

TEST_F(SafetensorsDecoderSourceTest, ReadsHalfPrecisionAndParts) {
  write("qwen2", false);
  const auto logits = folder_logits();
  write("qwen2", false, "BF16");
  EXPECT_EQ(folder_logits(), logits);

  std::filesystem::remove(folder_.file("model.safetensors"));
  const auto matrices = made_up("qwen2", false);
  const auto first = [](const Matrix& matrix) { return matrix.gguf.starts_with("blk.0"); };
  write_weights("a.safetensors", matrices, first);
  write_weights("b.safetensors", matrices, [&](const Matrix& matrix) { return !first(matrix); });
  json index;
  for (const Matrix& matrix : matrices)
    index["weight_map"][matrix.theirs] = first(matrix) ? "a.safetensors" : "b.safetensors";
  std::ofstream(folder_.file("model.safetensors.index.json")) << index;
  EXPECT_EQ(folder_logits(), logits);
}

TEST_F(SafetensorsDecoderSourceTest, NamesTheFieldThatItRefuses) {
  EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json"), HasSubstr("cannot be opened")));
  write("llama", false);
  const std::map<std::string, json> wrong = {{"model_type", "gemma"},
                                             {"num_hidden_layers", 0},
                                             {"hidden_size", "wide"},
                                             {"num_key_value_heads", 3},
                                             {"head_dim", 7},
                                             {"hidden_act", "gelu"},
                                             {"attention_bias", true},
                                             {"rms_norm_eps", -1},
                                             {"tie_word_embeddings", 1},
                                             {"rope_scaling", {{"type", "yarn"}}},
                                             {"quantization_config", {{"bits", 4}}}};
  for (const auto& [field, value] : wrong) {
    json config = config_of("llama", false);
    config[field] = value;
    write_config(config);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json"), HasSubstr("'" + field + "'")));
  }
  for (const char* field : {"model_type", "vocab_size", "rms_norm_eps", "intermediate_size"}) {
    json config = config_of("llama", false);
    config.erase(field);
    write_config(config);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("config.json"), HasSubstr("'" + std::string(field) + "'")));
  }
}

TEST_F(SafetensorsDecoderSourceTest, NamesTheTensorThatIsMissing) {
  write_config(config_of("qwen2", false));
  EXPECT_THAT(refusal(), HasSubstr("model.safetensors.index.json"));
  for (const char* lost : {"lm_head.weight", "model.layers.1.self_attn.q_proj.bias", "model.norm.weight"}) {
    write_weights("model.safetensors", made_up("qwen2", false),
                  [&](const Matrix& matrix) { return matrix.theirs != lost; });
    EXPECT_THAT(refusal(), HasSubstr("'" + std::string(lost) + "' is missing"));
  }
  write("qwen2", false);
  json config = config_of("qwen2", false);
  config["intermediate_size"] = kFeedForward * 2;
  write_config(config);
  EXPECT_THAT(refusal(), HasSubstr("unexpected shape"));
}

TEST_F(SafetensorsDecoderSourceTest, Llama3SlowsLongWavesDown) {
  write("llama", true);
  json config = config_of("llama", true);
  config["rope_theta"] = 10000.0;
  config["rope_scaling"] = {{"rope_type", "llama3"},
                            {"factor", 8.0},
                            {"low_freq_factor", 1.0},
                            {"high_freq_factor", 4.0},
                            {"original_max_position_embeddings", 100}};
  write_config(config);
  const SafetensorsDecoderSource source(folder_.path());
  const WeightTensor factors = source.tensor("rope_freqs.weight");
  std::vector<float> values(kHead / 2);
  read_row(factors, 0, values);
  // Turns within 100 positions: 15.9, 1.59, 0.159, 0.0159.
  const double turns = 100 * 0.1 / (2 * 3.14159265358979), mixed = (turns - 1) / 3;
  EXPECT_THAT(values, Pointwise(FloatNear(1e-4f),
                                {1.0f, static_cast<float>(1 / ((1 - mixed) / 8 + mixed)), 8.0f, 8.0f}));
}

}  // namespace
}  // namespace antiphon::models
