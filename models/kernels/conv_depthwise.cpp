#include "models/kernels/conv_depthwise.h"

#include <cassert>
#include <cmath>
#include <cstddef>

#include "models/kernels/spectral_math_avx2.h"

namespace antiphon::models::kernels {
namespace {

constexpr float kEpsilon = 1e-5f;

ANTIPHON_AVX2_INLINE void norm_row_avx2(const NormWeights& weights, float sum, const float* in, float* out) {
  const int channels = static_cast<int>(weights.weight.size());
  const __m256 mean = constant8(sum / static_cast<float>(channels));
  __m256 squares = _mm256_setzero_ps();
  for (int c = 0; c < channels; c += 8) {
    const __m256 x = _mm256_sub_ps(_mm256_loadu_ps(in + c), mean);
    squares = _mm256_fmadd_ps(x, x, squares);
  }
  const __m256 scale = constant8(1.0f / std::sqrt(sum8(squares) / static_cast<float>(channels) + kEpsilon));
  for (int c = 0; c < channels; c += 8) {
    const __m256 x = _mm256_mul_ps(_mm256_sub_ps(_mm256_loadu_ps(in + c), mean), scale);
    _mm256_storeu_ps(out + c, _mm256_fmadd_ps(x, _mm256_loadu_ps(weights.weight.data() + c),
                                              _mm256_loadu_ps(weights.bias.data() + c)));
  }
}

template <int kWidth>
ANTIPHON_AVX2 void depthwise_norm_avx2(const DepthwiseWeights& weights, const float* in, int rows,
                                       float* out) {
  const int channels = weights.channels();
  const std::ptrdiff_t step = std::ptrdiff_t(weights.dilation) * channels;
  for (int row = 0; row < rows; ++row, in += channels, out += channels) {
    __m256 total = _mm256_setzero_ps();
    for (int c = 0; c < channels; c += 8) {
      __m256 sum = _mm256_loadu_ps(weights.bias.data() + c);
#pragma GCC unroll 8
      for (int k = 0; k < kWidth; ++k) {
        const __m256 tap = _mm256_loadu_ps(weights.taps.data() + k * channels + c);
        sum = _mm256_fmadd_ps(tap, _mm256_loadu_ps(in + k * step + c), sum);
      }
      _mm256_storeu_ps(out + c, sum);
      total = _mm256_add_ps(total, sum);
    }
    norm_row_avx2(weights.norm, sum8(total), out, out);
  }
}

ANTIPHON_AVX2 void layer_norm_avx2(const NormWeights& weights, const float* in, int rows, float* out) {
  const int channels = static_cast<int>(weights.weight.size());
  for (int row = 0; row < rows; ++row, in += channels, out += channels) {
    __m256 total = _mm256_setzero_ps();
    for (int c = 0; c < channels; c += 8) total = _mm256_add_ps(total, _mm256_loadu_ps(in + c));
    norm_row_avx2(weights, sum8(total), in, out);
  }
}

ANTIPHON_AVX2 void add_rows_avx2(std::span<const float* const> rows, std::span<const float> weights,
                                 int channels, float* out) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k] == nullptr) continue;
    const __m256 weight = constant8(weights[k]);
    for (int c = 0; c < channels; c += 8) {
      _mm256_storeu_ps(out + c,
                       _mm256_fmadd_ps(weight, _mm256_loadu_ps(rows[k] + c), _mm256_loadu_ps(out + c)));
    }
  }
}

}  // namespace

void depthwise_norm(const DepthwiseWeights& weights, const float* in, int rows, float* out) {
  assert(weights.channels() % 8 == 0);
  if (has_avx2() && weights.width == 7) return depthwise_norm_avx2<7>(weights, in, rows, out);
  if (has_avx2() && weights.width == 5) return depthwise_norm_avx2<5>(weights, in, rows, out);
  depthwise_norm_portable(weights, in, rows, out);
}

void depthwise_norm_portable(const DepthwiseWeights& weights, const float* in, int rows, float* out) {
  const int channels = weights.channels();
  for (int row = 0; row < rows; ++row) {
    for (int c = 0; c < channels; ++c) {
      float sum = weights.bias[c];
      for (int k = 0; k < weights.width; ++k) {
        sum += weights.taps[std::size_t(k) * channels + c] *
               in[std::size_t(row + k * weights.dilation) * channels + c];
      }
      out[std::size_t(row) * channels + c] = sum;
    }
  }
  layer_norm_portable(weights.norm, out, rows, out);
}

void layer_norm(const NormWeights& weights, const float* in, int rows, float* out) {
  assert(weights.weight.size() % 8 == 0);
  if (has_avx2()) return layer_norm_avx2(weights, in, rows, out);
  layer_norm_portable(weights, in, rows, out);
}

void layer_norm_portable(const NormWeights& weights, const float* in, int rows, float* out) {
  const std::size_t channels = weights.weight.size();
  for (int row = 0; row < rows; ++row, in += channels, out += channels) {
    double sum = 0.0;
    for (std::size_t c = 0; c < channels; ++c) sum += in[c];
    const double mean = sum / double(channels);
    double squares = 0.0;
    for (std::size_t c = 0; c < channels; ++c) squares += (in[c] - mean) * (in[c] - mean);
    const double scale = 1.0 / std::sqrt(squares / double(channels) + kEpsilon);
    for (std::size_t c = 0; c < channels; ++c) {
      out[c] = float((in[c] - mean) * scale) * weights.weight[c] + weights.bias[c];
    }
  }
}

void add_rows(std::span<const float* const> rows, std::span<const float> weights, int channels, float* out) {
  assert(rows.size() == weights.size() && channels % 8 == 0);
  if (has_avx2()) return add_rows_avx2(rows, weights, channels, out);
  add_rows_portable(rows, weights, channels, out);
}

void add_rows_portable(std::span<const float* const> rows, std::span<const float> weights, int channels,
                       float* out) {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    if (rows[k] == nullptr) continue;
    for (int c = 0; c < channels; ++c) out[c] += weights[k] * rows[k][c];
  }
}

}  // namespace antiphon::models::kernels
