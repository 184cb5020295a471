#include "models/text/g2p/small_transformer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "models/kernels/processor.h"

namespace antiphon::models::text {
namespace {

constexpr std::size_t kLanes = 8;
using Lanes =
    float __attribute__((vector_size(kLanes * sizeof(float))));  // two registers where there is no AVX

[[gnu::always_inline]] inline void load(const float* from, Lanes& to) {
  std::memcpy(&to, from, sizeof to);
}

[[gnu::always_inline]] inline float sum_of(const Lanes& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

// Rows [row, row + kRows) of y: each row of the weight is read once for all of them.
template <std::size_t kRows>
[[gnu::always_inline]] inline void affine_rows(const float* x, const float* weight, const float* bias,
                                               float* y, std::size_t in, std::size_t out) {
  for (std::size_t o = 0; o < out; ++o) {
    Lanes sums[kRows] = {};
    for (std::size_t i = 0; i < in; i += kLanes) {
      Lanes w;
      load(weight + o * in + i, w);
      for (std::size_t r = 0; r < kRows; ++r) {
        Lanes v;
        load(x + r * in + i, v);
        sums[r] += w * v;
      }
    }
    for (std::size_t r = 0; r < kRows; ++r) y[r * out + o] = sum_of(sums[r]) + bias[o];
  }
}

[[gnu::always_inline]] inline void affine_all(const float* x, const float* weight, const float* bias,
                                              float* y, std::size_t rows, std::size_t in, std::size_t out) {
  std::size_t row = 0;
  for (; row + 4 <= rows; row += 4) affine_rows<4>(x + row * in, weight, bias, y + row * out, in, out);
  for (; row < rows; ++row) affine_rows<1>(x + row * in, weight, bias, y + row * out, in, out);
}

[[gnu::target("avx2,fma")]] void affine_avx2(const float* x, const float* weight, const float* bias, float* y,
                                             std::size_t rows, std::size_t in, std::size_t out) {
  affine_all(x, weight, bias, y, rows, in, out);
}

void affine_any(const float* x, const float* weight, const float* bias, float* y, std::size_t rows,
                std::size_t in, std::size_t out) {
  affine_all(x, weight, bias, y, rows, in, out);
}

}  // namespace

void affine(std::span<const float> x, std::span<const float> weight, std::span<const float> bias,
            std::span<float> y) {
  const std::size_t out = bias.size();
  const std::size_t in = weight.size() / out;
  const std::size_t rows = x.size() / in;
  assert(in % kLanes == 0 && weight.size() == in * out && y.size() == rows * out);
  const bool portable = kernels::active_variant() == kernels::Variant::kPortable;
  const auto kernel = portable ? affine_any : affine_avx2;
  kernel(x.data(), weight.data(), bias.data(), y.data(), rows, in, out);
}

void layer_norm(std::span<const float> x, std::span<const float> scale, std::span<const float> shift,
                std::span<float> y) {
  const std::size_t width = scale.size();
  assert(x.size() % width == 0 && y.size() == x.size() && shift.size() == width);
  for (std::size_t row = 0; row < x.size(); row += width) {
    float mean = 0;
    for (std::size_t i = 0; i < width; ++i) mean += x[row + i];
    mean /= static_cast<float>(width);
    float variance = 0;
    for (std::size_t i = 0; i < width; ++i) variance += (x[row + i] - mean) * (x[row + i] - mean);
    const float factor = 1.0f / std::sqrt(variance / static_cast<float>(width) + 1e-5f);
    for (std::size_t i = 0; i < width; ++i) y[row + i] = (x[row + i] - mean) * factor * scale[i] + shift[i];
  }
}

void gelu(std::span<float> x) {
  for (float& v : x) v *= 0.5f * (1.0f + std::erf(v * 0.70710678f));
}

void self_attention(std::span<const float> qkv, int row_count, int head_count, std::span<float> y) {
  const auto rows = static_cast<std::size_t>(row_count);
  const auto heads = static_cast<std::size_t>(head_count);
  const std::size_t width = y.size() / rows;
  const std::size_t depth = width / heads;  // of one head
  const float scale = 1.0f / std::sqrt(static_cast<float>(depth));
  std::vector<float> weights(rows);
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t row = 0; row < rows; ++row) {
      const float* q = &qkv[row * 3 * width + h * depth];
      float largest = -INFINITY;
      for (std::size_t other = 0; other < rows; ++other) {
        const float* k = &qkv[other * 3 * width + width + h * depth];
        float score = 0;
        for (std::size_t i = 0; i < depth; ++i) score += q[i] * k[i];
        weights[other] = score * scale;
        largest = std::max(largest, weights[other]);
      }
      float total = 0;
      for (float& weight : weights) total += weight = std::exp(weight - largest);
      float* out = &y[row * width + h * depth];
      std::fill(out, out + depth, 0.0f);
      for (std::size_t other = 0; other < rows; ++other) {
        const float* v = &qkv[other * 3 * width + 2 * width + h * depth];
        for (std::size_t i = 0; i < depth; ++i) out[i] += weights[other] / total * v[i];
      }
    }
  }
}

TransformerLayer TransformerLayer::from(const SafetensorsFile& file, const std::string& prefix, int width,
                                        int inner) {
  TransformerLayer layer;
  layer.norm1_scale = file.f32(prefix + "norm1.weight", {width});
  layer.norm1_shift = file.f32(prefix + "norm1.bias", {width});
  layer.in_weight = file.f32(prefix + "self_attn.in_proj_weight", {3 * width, width});
  layer.in_bias = file.f32(prefix + "self_attn.in_proj_bias", {3 * width});
  layer.out_weight = file.f32(prefix + "self_attn.out_proj.weight", {width, width});
  layer.out_bias = file.f32(prefix + "self_attn.out_proj.bias", {width});
  layer.norm2_scale = file.f32(prefix + "norm2.weight", {width});
  layer.norm2_shift = file.f32(prefix + "norm2.bias", {width});
  layer.up_weight = file.f32(prefix + "linear1.weight", {inner, width});
  layer.up_bias = file.f32(prefix + "linear1.bias", {inner});
  layer.down_weight = file.f32(prefix + "linear2.weight", {width, inner});
  layer.down_bias = file.f32(prefix + "linear2.bias", {width});
  return layer;
}

void TransformerLayer::apply(std::vector<float>& x, int heads) const {
  const std::size_t width = out_bias.size();
  const std::size_t rows = x.size() / width;
  std::vector<float> normed(x.size());
  std::vector<float> change(x.size());
  std::vector<float> wide(rows * std::max(in_bias.size(), up_bias.size()));

  layer_norm(x, norm1_scale, norm1_shift, normed);                            // (rows, width)
  const std::span<float> qkv = std::span(wide).first(rows * in_bias.size());  // (rows, 3 * width)
  affine(normed, in_weight, in_bias, qkv);
  self_attention(qkv, static_cast<int>(rows), heads, normed);  // (rows, width)
  affine(normed, out_weight, out_bias, change);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += change[i];

  layer_norm(x, norm2_scale, norm2_shift, normed);
  const std::span<float> inner = std::span(wide).first(rows * up_bias.size());  // (rows, inner)
  affine(normed, up_weight, up_bias, inner);
  gelu(inner);
  affine(inner, down_weight, down_bias, change);  // (rows, width)
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += change[i];
}

}  // namespace antiphon::models::text
