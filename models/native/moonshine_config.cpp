#include "models/native/moonshine_config.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace antiphon::models {
namespace {

using Json = nlohmann::json;

int positive(const Json& json, const char* field) {
  constexpr int kLargest = 1 << 20;
  const auto found = json.find(field);
  if (found == json.end() || !found->is_number_integer() || *found < 1 || *found > kLargest) {
    throw std::runtime_error(std::string("field '") + field + "' is not a number from 1 to 1048576");
  }
  return found->get<int>();
}

void require(bool holds, const char* field) {
  if (!holds) throw std::runtime_error(std::string("field '") + field + "' has a value that does not fit");
}

// Chosen by the median and 90th percentile error of word edges in synthesised speech whose durations are
// known.
void set_alignment(MoonshineConfig& config) {
  if (config.hidden_size == 416 && config.decoder_layers == 8) {
    config.alignment_heads = {{5, 5}, {5, 1}};
    config.onset_share = 0.2F;
  } else if (config.hidden_size == 288 && config.decoder_layers == 6) {
    config.alignment_heads = {{3, 6}, {4, 1}, {3, 0}};
    config.onset_share = 0.25F;
  }
}

MoonshineConfig parse(const Json& json) {
  MoonshineConfig config;
  config.hidden_size = positive(json, "hidden_size");
  config.heads = positive(json, "num_heads");
  config.head_dim = positive(json, "head_dim");
  config.encoder_layers = positive(json, "encoder_layers");
  config.decoder_layers = positive(json, "decoder_layers");
  config.encoder_ffn = positive(json, "encoder_ffn");
  config.decoder_ffn = positive(json, "decoder_ffn");
  config.rotary_dim = positive(json, "rotary_dim");
  config.rope_theta = json.value("rope_theta", 0.0);
  config.vocabulary = positive(json, "vocab_size");
  config.start_token = positive(json, "bos_token_id");
  config.end_token = positive(json, "eos_token_id");
  config.positions_max = positive(json, "max_position_embeddings");
  config.tied_embedding = json.value("tie_word_embeddings", false);
  require(json.value("model_type", "") == "moonshine", "model_type");
  require(json.value("sample_rate", 0) == 16000, "sample_rate");
  require(json.value("rope_interleaved", false), "rope_interleaved");
  require(config.heads * config.head_dim == config.hidden_size, "head_dim");
  require(config.rotary_dim <= config.head_dim && config.rotary_dim % 2 == 0, "rotary_dim");
  require(config.rope_theta > 1, "rope_theta");
  require(config.start_token < config.vocabulary, "bos_token_id");
  require(config.end_token < config.vocabulary, "eos_token_id");
  set_alignment(config);
  return config;
}

}  // namespace

MoonshineConfig MoonshineConfig::read(const std::filesystem::path& path) {
  try {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot be opened");
    return parse(Json::parse(file));
  } catch (const std::exception& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

}  // namespace antiphon::models
