#include "models/native/decoder_weights.h"

#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "models/weights/gguf_values.h"

namespace antiphon::models {
namespace {

class Loader {
 public:
  Loader(const GgufFile& file, const DecoderConfig& config, Arithmetic arithmetic)
      : file_(file), config_(config), arithmetic_(arithmetic) {}

  std::vector<float> vector(const std::string& name, int size) const {
    const GgufTensor& tensor = file_.tensor(name, {size});
    if (!has_values(tensor.type)) {
      throw std::runtime_error("'" + file_.path().string() + "': tensor '" + name +
                               "' has an unsupported type");
    }
    std::vector<float> values(static_cast<std::size_t>(size));
    read_row(tensor, 0, values);
    return values;
  }

  // Stacks tensors; throws unless their rows add up.
  Linear linear(std::initializer_list<std::string> names, int rows, int columns) const {
    Linear linear(file_, {names.begin(), names.size()}, columns, arithmetic_);
    if (linear.rows() != rows) {
      throw std::runtime_error("'" + file_.path().string() + "': tensor '" + *names.begin() +
                               "' has an unexpected number of rows");
    }
    return linear;
  }

  DecoderLayer layer(int number) const {
    const std::string p = "blk." + std::to_string(number) + ".";
    const int width = config_.width;
    const int qkv = config_.query_width() + 2 * config_.kv_width();
    return {.attention_norm = vector(p + "attn_norm.weight", width),
            .query_key_value =
                linear({p + "attn_q.weight", p + "attn_k.weight", p + "attn_v.weight"}, qkv, width),
            .query_key_value_bias = query_key_value_bias(p),
            .attention_output = linear({p + "attn_output.weight"}, width, config_.query_width()),
            .feed_forward_norm = vector(p + "ffn_norm.weight", width),
            .gate_up = linear({p + "ffn_gate.weight", p + "ffn_up.weight"}, 2 * config_.feed_forward, width),
            .down = linear({p + "ffn_down.weight"}, width, config_.feed_forward)};
  }

  std::vector<double> angle_per_position() const {
    const int pairs = config_.head_size / 2;
    std::vector<double> angles(static_cast<std::size_t>(pairs));
    for (int i = 0; i < pairs; ++i) {
      angles[static_cast<std::size_t>(i)] =
          config_.position_scale *
          std::pow(static_cast<double>(config_.rotary_base), -static_cast<double>(i) / pairs);
    }
    if (!file_.has_tensor("rope_freqs.weight")) return angles;
    // Llama 3 slows the long waves down, each by a factor of its own.
    const std::vector<float> factors = vector("rope_freqs.weight", pairs);
    for (std::size_t i = 0; i < angles.size(); ++i) {
      if (!(factors[i] > 0)) {
        throw std::runtime_error("'" + file_.path().string() +
                                 "': tensor 'rope_freqs.weight' is not positive");
      }
      angles[i] /= static_cast<double>(factors[i]);
    }
    return angles;
  }

 private:
  std::vector<float> query_key_value_bias(const std::string& prefix) const {
    if (!file_.has_tensor(prefix + "attn_q.bias")) return {};
    std::vector<float> bias = vector(prefix + "attn_q.bias", config_.query_width());
    for (const char* name : {"attn_k.bias", "attn_v.bias"}) {
      const std::vector<float> part = vector(prefix + name, config_.kv_width());
      bias.insert(bias.end(), part.begin(), part.end());
    }
    return bias;
  }

  const GgufFile& file_;
  const DecoderConfig& config_;
  const Arithmetic arithmetic_;
};

}  // namespace

std::size_t DecoderLayer::bytes() const {
  return query_key_value.bytes() + attention_output.bytes() + gate_up.bytes() + down.bytes();
}

std::size_t DecoderWeights::pass_bytes() const {
  std::size_t bytes = output.bytes();
  for (const DecoderLayer& layer : layers) bytes += layer.bytes();
  return bytes;
}

DecoderWeights load_decoder_weights(const GgufFile& file, const DecoderConfig& config,
                                    Arithmetic arithmetic) {
  const Loader load(file, config, arithmetic);
  const GgufTensor& embedding = file.tensor("token_embd.weight", {config.vocabulary, config.width});
  if (!has_values(embedding.type)) {
    throw std::runtime_error("'" + file.path().string() +
                             "': tensor 'token_embd.weight' has an unsupported type");
  }
  const char* output = file.has_tensor("output.weight") ? "output.weight" : "token_embd.weight";
  DecoderWeights weights{.embedding = &embedding,
                         .layers = {},
                         .output_norm = load.vector("output_norm.weight", config.width),
                         .angle_per_position = load.angle_per_position(),
                         .output = load.linear({output}, config.vocabulary, config.width)};
  for (int i = 0; i < config.layers; ++i) weights.layers.push_back(load.layer(i));
  return weights;
}

}  // namespace antiphon::models
