#include "models/torch/hibari_encoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/torch/hibari_conv_stack.h"

namespace antiphon::models::torch {
namespace {

constexpr std::int64_t kStepFlops = 200'000'000;

struct Scratch {
  std::vector<float> normed;  // [rows, C]
  std::vector<float> wide;    // [rows, 3 C], then [rows, ff]
  kernels::RoundedRows rounded;
};

std::vector<float> convolve_embedding(const TextEncoderWeights& weights, std::span<const int> ids) {
  const auto length = static_cast<std::int64_t>(ids.size());
  ConvNextStack stack(weights.convolutions, length, 0);
  float* row = stack.input(stack.input_missing(length));
  for (const int id : ids) {
    row =
        std::copy_n(weights.embedding.begin() + std::ptrdiff_t(id) * weights.channels, weights.channels, row);
  }
  const std::span<const float> rows = stack.run(length);
  return {rows.begin(), rows.end()};
}

// query_key_value: [rows, 3 C] -> [rows, C], contiguous.
at::Tensor attend(float* query_key_value, int rows, int channels, int heads) {
  const at::Tensor all = at::from_blob(query_key_value, {1, rows, 3, heads, channels / heads}, at::kFloat);
  const auto part = [&](int index) { return all.select(2, index).transpose(1, 2); };  // [1, heads, rows, d]
  const at::Tensor mixed = at::scaled_dot_product_attention(part(0), part(1), part(2));
  return mixed.transpose(1, 2).reshape({rows, channels});
}

// One pre-norm transformer layer over x [rows, C], in place.
void attention_layer(const AttentionWeights& layer, int heads, std::vector<float>& x, Scratch& scratch) {
  const c10::InferenceMode guard;
  const int channels = layer.out.outputs();
  const int rows = static_cast<int>(x.size()) / channels;
  scratch.normed.resize(x.size());
  scratch.wide.resize(std::size_t(rows) * layer.query_key_value.row_size());
  kernels::layer_norm(layer.norm1.view(), x.data(), rows, scratch.normed.data());
  pointwise(layer.query_key_value, scratch.normed.data(), rows, scratch.wide.data(),
            kernels::Epilogue::kStore, scratch.rounded);
  const at::Tensor mixed = attend(scratch.wide.data(), rows, channels, heads);
  pointwise(layer.out, mixed.const_data_ptr<float>(), rows, x.data(), kernels::Epilogue::kAdd,
            scratch.rounded);
  kernels::layer_norm(layer.norm2.view(), x.data(), rows, scratch.normed.data());
  pointwise(layer.expand, scratch.normed.data(), rows, scratch.wide.data(), kernels::Epilogue::kGelu,
            scratch.rounded);
  pointwise(layer.project, scratch.wide.data(), rows, x.data(), kernels::Epilogue::kAdd, scratch.rounded);
}

}  // namespace

Stepped<std::vector<float>> encode_text(const TextEncoderWeights& weights, std::span<const int> ids,
                                        int heads, int repeats) {
  std::vector<float> x = convolve_embedding(weights, ids);  // [ids, C]
  const int rows = static_cast<int>(ids.size());
  const std::int64_t layer_flops = 4 * std::int64_t(x.size()) * (4 * weights.channels + rows);
  Scratch scratch;
  std::int64_t flops = 0;
  for (int i = 0; i < repeats; ++i) {
    attention_layer(weights.attention, heads, x, scratch);
    flops += layer_flops;
    if (flops >= kStepFlops) {
      flops = 0;
      co_await kNextStep;
    }
  }
  kernels::layer_norm(weights.norm.view(), x.data(), rows, x.data());
  co_return x;
}

}  // namespace antiphon::models::torch
