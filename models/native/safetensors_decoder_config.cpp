#include "models/native/safetensors_decoder_config.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>
#include <stdexcept>
#include <string>

#include "models/kernels/attention.h"

namespace antiphon::models {
namespace {

using Json = nlohmann::json;

// Above any published model, and small enough that products of a few of them can't overflow.
constexpr int kLayersMax = 1024;
constexpr int kHeadsMax = 1024;
constexpr int kWidthMax = 1 << 17;
constexpr int kContextMax = 1 << 22;
constexpr int kVocabularyMax = 1 << 22;

[[noreturn]] void refuse(const std::string& field, const std::string& what) {
  throw std::runtime_error("field '" + field + "' " + what);
}

bool is_given(const Json& json, const char* field) {
  return json.contains(field) && !json[field].is_null();
}

int count(const Json& json, const char* field, int most) {
  const auto found = json.find(field);
  if (found == json.end() || !found->is_number_integer() || *found < 1 || *found > most) {
    refuse(field, "must be a number from 1 to " + std::to_string(most));
  }
  return found->get<int>();
}

int count_or(const Json& json, const char* field, int otherwise, int most) {
  return is_given(json, field) ? count(json, field, most) : otherwise;
}

double positive(const Json& json, const char* field) {
  const auto found = json.find(field);
  if (found == json.end() || !found->is_number() || !(*found > 0) || !(*found < 1e12)) {
    refuse(field, "must be a positive number");
  }
  return found->get<double>();
}

bool flag(const Json& json, const char* field) {
  if (!is_given(json, field)) return false;
  if (!json[field].is_boolean()) refuse(field, "must be true or false");
  return json[field].get<bool>();
}

std::string text(const Json& json, const char* field, const char* otherwise) {
  if (!is_given(json, field)) return otherwise;
  if (!json[field].is_string()) refuse(field, "must be a text");
  return json[field].get<std::string>();
}

// Waves longer than the context that the network was first trained for are slowed down by the factor, short
// ones not at all, those between by a mixture (Llama 3.1).
std::vector<float> llama3_factors(const Json& rope, const DecoderConfig& decoder) {
  const double factor = positive(rope, "factor");
  const double low = positive(rope, "low_freq_factor"), high = positive(rope, "high_freq_factor");
  const double context = positive(rope, "original_max_position_embeddings");
  if (low >= high) refuse("high_freq_factor", "must be more than low_freq_factor");
  const int pairs = decoder.head_size / 2;
  std::vector<float> factors;
  for (int i = 0; i < pairs; ++i) {
    const double angle = std::pow(static_cast<double>(decoder.rotary_base), -static_cast<double>(i) / pairs);
    const double turns = context * angle / (2 * std::numbers::pi);
    const double unchanged = std::clamp((turns - low) / (high - low), 0.0, 1.0);
    factors.push_back(static_cast<float>(1 / ((1 - unchanged) / factor + unchanged)));
  }
  return factors;
}

void set_rotation(const Json& json, SafetensorsDecoderConfig& config) {
  const char* field = is_given(json, "rope_parameters") ? "rope_parameters" : "rope_scaling";
  const Json rope = is_given(json, field) ? json[field] : Json::object();
  if (!rope.is_object()) refuse(field, "must be an object");
  const Json& holder = is_given(rope, "rope_theta") ? rope : json;
  DecoderConfig& decoder = config.decoder;
  decoder.rotary_base =
      is_given(holder, "rope_theta") ? static_cast<float>(positive(holder, "rope_theta")) : 10000.0f;
  decoder.rotary_pairs = DecoderConfig::RotaryPairs::kHalves;
  const std::string type = text(rope, is_given(rope, "rope_type") ? "rope_type" : "type", "default");
  if (type == "linear") {
    decoder.position_scale = static_cast<float>(1 / positive(rope, "factor"));
  } else if (type == "llama3") {
    config.rotary_factors = llama3_factors(rope, decoder);
  } else if (type != "default") {
    refuse(field, "has the type '" + type + "'; only default, linear and llama3 are known");
  }
}

void check_forward_pass(const Json& json, const DecoderConfig& decoder) {
  if (text(json, "hidden_act", "silu") != "silu") refuse("hidden_act", "must be silu");
  for (const char* field : {"mlp_bias", "use_sliding_window"}) {
    if (flag(json, field)) refuse(field, "must be false");
  }
  if (decoder.family == "llama" && flag(json, "attention_bias")) refuse("attention_bias", "must be false");
  if (is_given(json, "quantization_config")) refuse("quantization_config", "is not supported");
  if (decoder.heads % decoder.kv_heads != 0) {
    refuse("num_key_value_heads", "does not divide the number of heads");
  }
  if (decoder.head_size % 2 != 0 || decoder.head_size > kernels::kHeadSizeMax || decoder.head_size < 2) {
    refuse("head_dim", "must be even and at most " + std::to_string(kernels::kHeadSizeMax));
  }
}

SafetensorsDecoderConfig parse(const Json& json) {
  if (!json.is_object()) throw std::runtime_error("is not a JSON object");
  SafetensorsDecoderConfig config;
  DecoderConfig& decoder = config.decoder;
  decoder.family = text(json, "model_type", "");
  if (decoder.family != "llama" && decoder.family != "qwen2") {
    refuse("model_type", "is '" + decoder.family + "'; only llama and qwen2 are known");
  }
  decoder.layers = count(json, "num_hidden_layers", kLayersMax);
  decoder.width = count(json, "hidden_size", kWidthMax);
  decoder.feed_forward = count(json, "intermediate_size", kWidthMax);
  decoder.heads = count(json, "num_attention_heads", kHeadsMax);
  decoder.kv_heads = count_or(json, "num_key_value_heads", decoder.heads, kHeadsMax);
  decoder.head_size = count_or(json, "head_dim", decoder.width / decoder.heads, kWidthMax);
  decoder.vocabulary = count(json, "vocab_size", kVocabularyMax);
  decoder.trained_context_tokens = count(json, "max_position_embeddings", kContextMax);
  decoder.norm_epsilon = static_cast<float>(positive(json, "rms_norm_eps"));
  config.tied_embedding = flag(json, "tie_word_embeddings");
  check_forward_pass(json, decoder);
  set_rotation(json, config);
  return config;
}

}  // namespace

SafetensorsDecoderConfig SafetensorsDecoderConfig::read(const std::filesystem::path& path) {
  try {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot be opened");
    return parse(Json::parse(file));
  } catch (const std::exception& error) {
    throw std::runtime_error("'" + path.string() + "': " + error.what());
  }
}

}  // namespace antiphon::models
