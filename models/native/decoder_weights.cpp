#include "models/native/decoder_weights.h"

#include <cmath>
#include <initializer_list>
#include <stdexcept>
#include <string>

namespace antiphon::models {
namespace {

class Loader {
 public:
  Loader(const DecoderSource& source, const DecoderConfig& config, Arithmetic arithmetic)
      : source_(source), config_(config), arithmetic_(arithmetic) {}

  WeightTensor tensor(const std::string& name, int rows, int columns) const {
    const WeightTensor tensor = source_.tensor(name);
    if (tensor.rows != rows || tensor.columns != columns) refuse(name, "has an unexpected shape");
    return tensor;
  }

  std::vector<float> vector(const std::string& name, int size) const {
    std::vector<float> values(static_cast<std::size_t>(size));
    read_row(tensor(name, 1, size), 0, values);
    return values;
  }

  struct Named {
    std::string name;
    int rows;
  };
  // Stacks tensors.
  Linear linear(std::initializer_list<Named> parts, int columns) const {
    std::vector<WeightTensor> tensors;
    for (const auto& [name, rows] : parts) tensors.push_back(tensor(name, rows, columns));
    return {tensors, columns, arithmetic_};
  }

  DecoderLayer layer(int number) const {
    const std::string p = "blk." + std::to_string(number) + ".";
    const int width = config_.width;
    const int kv = config_.kv_width();
    return {.attention_norm = vector(p + "attn_norm.weight", width),
            .query_key_value = linear({{p + "attn_q.weight", config_.query_width()},
                                       {p + "attn_k.weight", kv},
                                       {p + "attn_v.weight", kv}},
                                      width),
            .query_key_value_bias = query_key_value_bias(p),
            .attention_output = linear({{p + "attn_output.weight", width}}, config_.query_width()),
            .feed_forward_norm = vector(p + "ffn_norm.weight", width),
            .gate_up = linear(
                {{p + "ffn_gate.weight", config_.feed_forward}, {p + "ffn_up.weight", config_.feed_forward}},
                width),
            .down = linear({{p + "ffn_down.weight", width}}, config_.feed_forward)};
  }

  std::vector<double> angle_per_position() const {
    const int pairs = config_.head_size / 2;
    std::vector<double> angles(static_cast<std::size_t>(pairs));
    for (int i = 0; i < pairs; ++i) {
      angles[static_cast<std::size_t>(i)] =
          config_.position_scale *
          std::pow(static_cast<double>(config_.rotary_base), -static_cast<double>(i) / pairs);
    }
    if (!source_.has_tensor("rope_freqs.weight")) return angles;
    // Llama 3 slows the long waves down, each by a factor of its own.
    const std::vector<float> factors = vector("rope_freqs.weight", pairs);
    for (std::size_t i = 0; i < angles.size(); ++i) {
      if (!(factors[i] > 0)) refuse("rope_freqs.weight", "is not positive");
      angles[i] /= static_cast<double>(factors[i]);
    }
    return angles;
  }

 private:
  [[noreturn]] void refuse(const std::string& name, const char* what) const {
    throw std::runtime_error("'" + source_.path().string() + "': tensor '" + name + "' " + what);
  }

  std::vector<float> query_key_value_bias(const std::string& prefix) const {
    if (!source_.has_tensor(prefix + "attn_q.bias")) return {};
    std::vector<float> bias = vector(prefix + "attn_q.bias", config_.query_width());
    for (const char* name : {"attn_k.bias", "attn_v.bias"}) {
      const std::vector<float> part = vector(prefix + name, config_.kv_width());
      bias.insert(bias.end(), part.begin(), part.end());
    }
    return bias;
  }

  const DecoderSource& source_;
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

DecoderWeights load_decoder_weights(const DecoderSource& source, const DecoderConfig& config,
                                    Arithmetic arithmetic) {
  const Loader load(source, config, arithmetic);
  const char* output = source.has_tensor("output.weight") ? "output.weight" : "token_embd.weight";
  DecoderWeights weights{.embedding = load.tensor("token_embd.weight", config.vocabulary, config.width),
                         .layers = {},
                         .output_norm = load.vector("output_norm.weight", config.width),
                         .angle_per_position = load.angle_per_position(),
                         .output = load.linear({{output, config.vocabulary}}, config.width)};
  for (int i = 0; i < config.layers; ++i) weights.layers.push_back(load.layer(i));
  return weights;
}

}  // namespace antiphon::models
