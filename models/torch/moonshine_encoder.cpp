#include "models/torch/moonshine_encoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <string>
#include <utility>

#include "models/native/rotary_table.h"
#include "models/torch/row_linear.h"
#include "models/torch/weights.h"

namespace antiphon::models::torch {
namespace {

constexpr double kNormEpsilon = 1e-5;
constexpr std::int64_t kRowsPerStep = 128;
constexpr std::int64_t kConv1RowsPerStep = 1024;

// A convolution over time, as a product with the window that each output sees.
struct Convolution {
  std::int64_t kernel;
  std::int64_t stride;

  std::int64_t outputs(std::int64_t inputs) const { return (inputs - kernel) / stride + 1; }
  // Rows first..first+count of the outputs: x [inputs, channels] -> [count, kernel * channels], a view.
  at::Tensor windows(const at::Tensor& x, std::int64_t first, std::int64_t count) const {
    const std::int64_t channels = x.size(1);
    return x.as_strided({count, kernel * channels}, {stride * channels, 1},
                        x.storage_offset() + first * stride * channels);
  }
};
constexpr Convolution kConv1{127, 64};
constexpr Convolution kConv2{7, 3};
constexpr Convolution kConv3{3, 2};

std::int64_t rows_of(std::int64_t samples) {
  return kConv3.outputs(kConv2.outputs(kConv1.outputs(samples)));
}

// [out, in, kernel] as stored -> [out, kernel * in], the order of Convolution::windows().
StoredWeight windowed(StoredWeight weight) {
  weight.values = weight.values.permute({0, 2, 1}).flatten(1).contiguous();
  return weight;
}

void clean(std::vector<float>& audio) {
  for (float& sample : audio) sample = std::isnan(sample) ? 0.0F : std::clamp(sample, -1.0F, 1.0F);
}

struct Layer {
  at::Tensor attention_norm;  // [D]
  RowLinear qkv;              // D -> 3D
  RowLinear attention_out;    // D -> D
  at::Tensor mlp_norm;        // [D]
  RowLinear fc1;              // D -> F
  RowLinear fc2;              // F -> D

  Layer(const SafetensorsFile& file, const std::string& prefix, Precision precision)
      : attention_norm(mapped_tensor(file, prefix + "input_layernorm.weight").clone()),
        qkv({StoredWeight::read(file, prefix + "self_attn.q_proj.weight"),
             StoredWeight::read(file, prefix + "self_attn.k_proj.weight"),
             StoredWeight::read(file, prefix + "self_attn.v_proj.weight")},
            {}, precision),
        attention_out({StoredWeight::read(file, prefix + "self_attn.o_proj.weight")}, {}, precision),
        mlp_norm(mapped_tensor(file, prefix + "post_attention_layernorm.weight").clone()),
        fc1({StoredWeight::read(file, prefix + "mlp.fc1.weight")},
            mapped_tensor(file, prefix + "mlp.fc1.bias"), precision),
        fc2({StoredWeight::read(file, prefix + "mlp.fc2.weight")},
            mapped_tensor(file, prefix + "mlp.fc2.bias"), precision) {}
};

}  // namespace

struct MoonshineEncoder::Network {
  MoonshineConfig config;
  RowLinear conv1;               // 127 -> D; always f32: quiet audio would lose its last bits
  at::Tensor group_norm_weight;  // [D]
  at::Tensor group_norm_bias;    // [D]
  RowLinear conv2;               // 7 * D -> 2D
  RowLinear conv3;               // 3 * 2D -> D
  std::vector<Layer> layers;
  at::Tensor norm;  // [D]
  RotaryTable rotary;

  Network(const SafetensorsFile& file, const MoonshineConfig& sizes, Precision precision)
      : config(sizes),
        conv1({windowed(StoredWeight::read(file, "encoder.conv1.weight"))}, {}, Precision::kF32),
        group_norm_weight(mapped_tensor(file, "encoder.groupnorm.weight", {sizes.hidden_size}).clone()),
        group_norm_bias(mapped_tensor(file, "encoder.groupnorm.bias", {sizes.hidden_size}).clone()),
        conv2({windowed(StoredWeight::read(file, "encoder.conv2.weight"))},
              mapped_tensor(file, "encoder.conv2.bias"), precision),
        conv3({windowed(StoredWeight::read(file, "encoder.conv3.weight"))},
              mapped_tensor(file, "encoder.conv3.bias"), precision),
        norm(mapped_tensor(file, "encoder.layer_norm.weight", {sizes.hidden_size}).clone()),
        rotary(static_cast<int>(rows_of(kSpeechSamplesMax)), sizes.rotary_dim, sizes.rope_theta) {
    for (int i = 0; i < sizes.encoder_layers; ++i) {
      layers.emplace_back(file, "encoder.layers." + std::to_string(i) + ".", precision);
    }
  }

  at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight) const {
    return at::layer_norm(x, {config.hidden_size}, weight, {}, kNormEpsilon);
  }
  Stepped<at::Tensor> stem(const std::vector<float>& audio) const;
  void project_block(const Layer& layer, const at::Tensor& x, std::int64_t first, at::Tensor& qkv) const;
  void finish_block(const Layer& layer, const at::Tensor& qkv, std::int64_t first, at::Tensor x) const;
};

namespace {

// Calls block(first, count) with an inference guard for every part of `rows`, one part a step.
template <class Block>
Stepped<void> in_blocks(std::int64_t rows, std::int64_t rows_per_step, Block block) {
  for (std::int64_t first = 0; first < rows; first += rows_per_step) {
    {
      const c10::InferenceMode guard;
      block(first, std::min(rows_per_step, rows - first));
    }
    co_await kNextStep;
  }
}

at::Tensor empty_rows(std::int64_t rows, std::int64_t width) {
  const c10::InferenceMode guard;
  return at::empty({rows, width}, at::kFloat);
}

// The affine map per channel that equals GroupNorm with one group over all of x [T, D].
std::pair<at::Tensor, at::Tensor> group_norm(const at::Tensor& x, const at::Tensor& weight,
                                             const at::Tensor& bias) {
  const c10::InferenceMode guard;
  const auto [variance, mean] = at::var_mean(x, at::OptionalIntArrayRef{}, /*correction=*/0);
  const at::Tensor scale = weight * at::rsqrt(variance + kNormEpsilon);  // [D]
  return {scale, bias - mean * scale};
}

}  // namespace

Stepped<at::Tensor> MoonshineEncoder::Network::stem(const std::vector<float>& audio) const {
  const std::int64_t samples = static_cast<std::int64_t>(audio.size());
  const std::int64_t width = config.hidden_size;
  const at::Tensor wave = at::from_blob(const_cast<float*>(audio.data()), {samples, 1}, at::kFloat);
  at::Tensor x1 = empty_rows(kConv1.outputs(samples), width);  // [T1, D]
  co_await in_blocks(x1.size(0), kConv1RowsPerStep, [&](std::int64_t first, std::int64_t count) {
    x1.narrow(0, first, count).copy_(conv1(kConv1.windows(wave, first, count)).tanh_());
  });
  const auto [scale, shift] = group_norm(x1, group_norm_weight, group_norm_bias);
  co_await kNextStep;
  at::Tensor x2 = empty_rows(kConv2.outputs(x1.size(0)), 2 * width);  // [T2, 2D]
  co_await in_blocks(x2.size(0), kRowsPerStep, [&](std::int64_t first, std::int64_t count) {
    const at::Tensor seen = x1.narrow(0, first * kConv2.stride, (count - 1) * kConv2.stride + kConv2.kernel);
    const at::Tensor normed = at::addcmul(shift, seen, scale);
    at::Tensor rows = conv2(kConv2.windows(normed, 0, count));
    x2.narrow(0, first, count).copy_(at::gelu_(rows));
  });
  at::Tensor x3 = empty_rows(kConv3.outputs(x2.size(0)), width);  // [T, D]
  co_await in_blocks(x3.size(0), kRowsPerStep, [&](std::int64_t first, std::int64_t count) {
    at::Tensor rows = conv3(kConv3.windows(x2, first, count));
    x3.narrow(0, first, count).copy_(at::gelu_(rows));
  });
  co_return x3;
}

// Rows first.. of one layer's queries, keys and values, turned: x [n, D] -> qkv [T, 3D].
void MoonshineEncoder::Network::project_block(const Layer& layer, const at::Tensor& x, std::int64_t first,
                                              at::Tensor& qkv) const {
  const at::Tensor rows = layer.qkv(layer_norm(x, layer.attention_norm));  // [n, 3D]
  const auto turned = static_cast<std::size_t>(2 * config.hidden_size);    // queries and keys
  float* row = rows.mutable_data_ptr<float>();
  for (std::int64_t i = 0; i < rows.size(0); ++i, row += 3 * config.hidden_size) {
    rotary.turn({row, turned}, 2 * config.heads, static_cast<int>(first + i));
  }
  qkv.narrow(0, first, rows.size(0)).copy_(rows);
}

// The rest of the layer for the same rows, in place: every row attends to all rows.
void MoonshineEncoder::Network::finish_block(const Layer& layer, const at::Tensor& qkv, std::int64_t first,
                                             at::Tensor x) const {
  const std::int64_t width = config.hidden_size;
  const auto heads = [&](const at::Tensor& rows, int part) {  // [n, 3D] -> [1, H, n, D / H]
    return rows.narrow(1, part * width, width)
        .unflatten(1, {config.heads, config.head_dim})
        .transpose(0, 1)
        .unsqueeze(0);
  };
  const at::Tensor mixed = at::scaled_dot_product_attention(
      heads(qkv.narrow(0, first, x.size(0)), 0), heads(qkv, 1), heads(qkv, 2));  // [1, H, n, D / H]
  x.add_(layer.attention_out(mixed.squeeze(0).transpose(0, 1).flatten(1)));      // [n, D]
  at::Tensor inner = layer.fc1(layer_norm(x, layer.mlp_norm));                   // [n, F]
  x.add_(layer.fc2(at::gelu_(inner)));                                           // [n, D]
}

MoonshineEncoder::MoonshineEncoder(const SafetensorsFile& file, const MoonshineConfig& config,
                                   Precision precision)
    : network_([&] {
        const c10::InferenceMode guard;
        return std::make_unique<const Network>(file, config, precision);
      }()) {}

MoonshineEncoder::~MoonshineEncoder() = default;

Stepped<EncodedSpeech> MoonshineEncoder::encode(std::vector<float> audio) const {
  EncodedSpeech speech{static_cast<int>(std::min<std::size_t>(audio.size(), INT_MAX)), 0, {}};
  if (speech.samples < kSpeechSamplesMin || speech.samples > kSpeechSamplesMax) co_return speech;
  clean(audio);
  const Network& network = *network_;
  at::Tensor x = co_await network.stem(audio);  // [T, D]
  const std::int64_t rows = x.size(0);
  at::Tensor qkv = empty_rows(rows, 3 * network.config.hidden_size);
  for (const Layer& layer : network.layers) {
    co_await in_blocks(rows, kRowsPerStep, [&](std::int64_t first, std::int64_t count) {
      network.project_block(layer, x.narrow(0, first, count), first, qkv);
    });
    co_await in_blocks(rows, kRowsPerStep, [&](std::int64_t first, std::int64_t count) {
      network.finish_block(layer, qkv, first, x.narrow(0, first, count));
    });
  }
  const c10::InferenceMode guard;
  const at::Tensor normed = network.layer_norm(x, network.norm);
  const float* values = normed.const_data_ptr<float>();
  speech.rows = static_cast<int>(rows);
  speech.values.assign(values, values + normed.numel());
  co_return speech;
}

}  // namespace antiphon::models::torch
