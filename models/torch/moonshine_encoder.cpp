#include "models/torch/moonshine_encoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <climits>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "models/kernels/vector_ops.h"
#include "models/native/rotary_table.h"
#include "models/torch/pre_norm_layer.h"
#include "models/torch/row_linear.h"
#include "models/torch/weights.h"

namespace antiphon::models::torch {
namespace {

using kernels::Epilogue;

constexpr float kNormEpsilon = 1e-5F;
constexpr int kRowsPerStep = 128;
constexpr int kConv1RowsPerStep = 1024;

// A convolution over time, as a product with the window that each output sees: `kernel` rows of the input.
struct Convolution {
  int kernel;
  int stride;

  int outputs(int inputs) const { return (inputs - kernel) / stride + 1; }
};
constexpr Convolution kConv1{127, 64};
constexpr Convolution kConv2{7, 3};
constexpr Convolution kConv3{3, 2};

int rows_of(int samples) {
  return kConv3.outputs(kConv2.outputs(kConv1.outputs(samples)));
}

void clean(std::vector<float>& audio) {
  for (float& sample : audio) sample = std::isnan(sample) ? 0.0F : std::clamp(sample, -1.0F, 1.0F);
}

std::vector<float> copy_of(const SafetensorsFile& file, const std::string& name, int width) {
  const auto values = file.f32(name, {width});
  return {values.begin(), values.end()};
}

PreNormLayer read_layer(const SafetensorsFile& file, const std::string& prefix, int width,
                        Precision precision) {
  const auto weight = [&](const char* name) { return StoredWeight::read(file, prefix + name + ".weight"); };
  const auto bias = [&](const char* name) { return mapped_tensor(file, prefix + name + ".bias"); };
  return {.attention_norm = {file, prefix + "input_layernorm", width},
          .qkv = {{weight("self_attn.q_proj"), weight("self_attn.k_proj"), weight("self_attn.v_proj")},
                  {},
                  precise_inputs(precision)},
          .attention_out = {{weight("self_attn.o_proj")}, {}, coarse_inputs(precision)},
          .inner_norm = {file, prefix + "post_attention_layernorm", width},
          .fc1 = {{weight("mlp.fc1")}, bias("mlp.fc1"), precise_inputs(precision)},
          .fc2 = {{weight("mlp.fc2")}, bias("mlp.fc2"), coarse_inputs(precision)}};
}

}  // namespace

struct MoonshineEncoder::Network {
  MoonshineConfig config;
  RowLinear conv1;                       // 127 -> D; always f32: quiet audio would lose its last bits
  std::vector<float> group_norm_weight;  // [D]
  std::vector<float> group_norm_bias;    // [D]
  RowLinear conv2;                       // 7 * D -> 2D
  RowLinear conv3;                       // 3 * 2D -> D; a few of its inputs are far larger than the others
  std::vector<PreNormLayer> layers;
  RowNorm norm;  // [D]
  RotaryTable rotary;

  Network(const SafetensorsFile& file, const MoonshineConfig& sizes, Precision precision)
      : config(sizes),
        conv1({StoredWeight::read(file, "encoder.conv1.weight").windowed()}, {}, kernels::Inputs::kF32),
        group_norm_weight(copy_of(file, "encoder.groupnorm.weight", sizes.hidden_size)),
        group_norm_bias(copy_of(file, "encoder.groupnorm.bias", sizes.hidden_size)),
        conv2({StoredWeight::read(file, "encoder.conv2.weight").windowed()},
              mapped_tensor(file, "encoder.conv2.bias"), coarse_inputs(precision)),
        conv3({StoredWeight::read(file, "encoder.conv3.weight").windowed()},
              mapped_tensor(file, "encoder.conv3.bias"), precise_inputs(precision)),
        norm(file, "encoder.layer_norm", sizes.hidden_size),
        rotary(rows_of(kSpeechSamplesMax), sizes.rotary_dim, sizes.rope_theta) {
    for (int i = 0; i < sizes.encoder_layers; ++i) {
      layers.push_back(
          read_layer(file, "encoder.layers." + std::to_string(i) + ".", sizes.hidden_size, precision));
    }
  }

  Stepped<Rows> stem(const std::vector<float>& audio, LayerScratch& scratch) const;
  // The rotary embedding of the queries and keys in `count` rows of qkv [T, 3D].
  void turn(Rows& qkv, int first, int count) const {
    const auto turned = static_cast<std::size_t>(2 * config.hidden_size);
    for (int i = first; i < first + count; ++i) rotary.turn({qkv.row(i), turned}, 2 * config.heads, i);
  }
};

namespace {

// Calls block(first, count) for every part of `rows`, one part a step.
template <class Block>
Stepped<void> in_blocks(int rows, int rows_per_step, Block block) {
  for (int first = 0; first < rows; first += rows_per_step) {
    block(first, std::min(rows_per_step, rows - first));
    co_await kNextStep;
  }
}

void tanh(float* values, int count) {
  const c10::InferenceMode guard;
  at::from_blob(values, {count}, at::kFloat).tanh_();
}

// GroupNorm with one group over all of x [T, D], in place.
void group_norm(Rows& x, const std::vector<float>& weight, const std::vector<float>& bias) {
  const auto width = static_cast<std::size_t>(x.width);
  const std::vector<float> ones(width, 1.0F);
  double sum = 0, squares = 0;
  for (int i = 0; i < x.count; ++i) {
    const std::span<const float> row(x.row(i), width);
    sum += double{kernels::dot(row, ones.data())};
    squares += double{kernels::dot(row, row.data())};
  }
  const double size = static_cast<double>(x.values.size());
  const double mean = sum / size;
  const double factor = 1 / std::sqrt(std::max(squares / size - mean * mean, 0.0) + double{kNormEpsilon});
  std::vector<float> scale(width), shift(width);
  for (std::size_t d = 0; d < width; ++d) {
    scale[d] = static_cast<float>(weight[d] * factor);
    shift[d] = static_cast<float>(bias[d] - mean * weight[d] * factor);
  }
  for (int i = 0; i < x.count; ++i) {
    float* row = x.row(i);
    for (std::size_t d = 0; d < width; ++d) row[d] = row[d] * scale[d] + shift[d];
  }
}

}  // namespace

Stepped<Rows> MoonshineEncoder::Network::stem(const std::vector<float>& audio, LayerScratch& scratch) const {
  const int width = config.hidden_size;
  Rows x1(kConv1.outputs(static_cast<int>(audio.size())), width);  // [T1, D]
  co_await in_blocks(x1.count, kConv1RowsPerStep, [&](int first, int count) {
    conv1(audio.data() + first * kConv1.stride, count, kConv1.stride, x1.row(first), Epilogue::kStore,
          scratch.linear);
    tanh(x1.row(first), count * width);
  });
  group_norm(x1, group_norm_weight, group_norm_bias);
  co_await kNextStep;
  Rows x2(kConv2.outputs(x1.count), 2 * width);  // [T2, 2D]
  co_await in_blocks(x2.count, kRowsPerStep, [&](int first, int count) {
    conv2(x1.row(first * kConv2.stride), count, kConv2.stride * width, x2.row(first), Epilogue::kGelu,
          scratch.linear);
  });
  Rows x3(kConv3.outputs(x2.count), width);  // [T, D]
  co_await in_blocks(x3.count, kRowsPerStep, [&](int first, int count) {
    conv3(x2.row(first * kConv3.stride), count, kConv3.stride * 2 * width, x3.row(first), Epilogue::kGelu,
          scratch.linear);
  });
  co_return x3;
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
  const int width = network.config.hidden_size;
  LayerScratch scratch(network.config.heads, network.config.head_dim);
  Rows x = co_await network.stem(audio, scratch);  // [T, D]
  Rows qkv(x.count, 3 * width);                    // [T, 3D]
  for (const PreNormLayer& layer : network.layers) {
    co_await in_blocks(x.count, kRowsPerStep, [&](int first, int count) {
      layer.project(x.row(first), count, qkv.row(first), scratch);
      network.turn(qkv, first, count);
    });
    scratch.attention.read(qkv.row(0) + width, qkv.row(0) + 2 * width, qkv.width, qkv.count);
    co_await in_blocks(x.count, kRowsPerStep, [&](int first, int count) {
      layer.finish(qkv.row(first), x.row(first), count, scratch);
    });
  }
  network.norm(x.row(0), x.count, x.row(0));
  speech.rows = x.count;
  speech.values = std::move(x.values);
  co_return speech;
}

}  // namespace antiphon::models::torch
