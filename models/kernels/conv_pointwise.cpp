#include "models/kernels/conv_pointwise.h"

#include <cassert>
#include <cmath>

#include "models/kernels/spectral_math_avx2.h"

namespace antiphon::models::kernels {
namespace {

constexpr int kRowsPerTile = 6;  // 6 x 16 sums fill 12 of the 16 registers

struct Panel {
  const float* weight;  // [inputs, 16]
  const float* bias;    // [16]
  int inputs;
};

template <Epilogue kEpilogue>
ANTIPHON_AVX2_INLINE void finish(__m256 sum, const float* bias, float* out) {
  sum = _mm256_add_ps(sum, _mm256_load_ps(bias));
  if constexpr (kEpilogue == Epilogue::kGelu) sum = gelu8(sum);
  if constexpr (kEpilogue == Epilogue::kAdd) sum = _mm256_add_ps(sum, _mm256_loadu_ps(out));
  _mm256_storeu_ps(out, sum);
}

// kRows rows times one panel. The pragmas keep the sums in registers.
template <int kRows, Epilogue kEpilogue>
ANTIPHON_AVX2 void tile(const Panel& panel, const float* in, float* out, int out_stride) {
  __m256 sum[kRows][2];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
  const float* weight = panel.weight;
  const int inputs = panel.inputs;
  for (int i = 0; i < inputs; ++i, weight += PackedLinear::kPanel) {
    _mm_prefetch(reinterpret_cast<const char*>(weight + 256), _MM_HINT_T0);
    const __m256 low = _mm256_load_ps(weight);
    const __m256 high = _mm256_load_ps(weight + 8);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256 x = _mm256_broadcast_ss(in + r * inputs + i);
      sum[r][0] = _mm256_fmadd_ps(x, low, sum[r][0]);
      sum[r][1] = _mm256_fmadd_ps(x, high, sum[r][1]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    finish<kEpilogue>(sum[r][0], panel.bias, out + r * out_stride);
    finish<kEpilogue>(sum[r][1], panel.bias + 8, out + r * out_stride + 8);
  }
}

template <Epilogue kEpilogue>
ANTIPHON_AVX2 void last_rows(const Panel& panel, const float* in, int rows, float* out, int out_stride) {
  switch (rows) {
    case 1:
      return tile<1, kEpilogue>(panel, in, out, out_stride);
    case 2:
      return tile<2, kEpilogue>(panel, in, out, out_stride);
    case 3:
      return tile<3, kEpilogue>(panel, in, out, out_stride);
    case 4:
      return tile<4, kEpilogue>(panel, in, out, out_stride);
    case 5:
      return tile<5, kEpilogue>(panel, in, out, out_stride);
    default:
      return;
  }
}

template <Epilogue kEpilogue>
ANTIPHON_AVX2 void pointwise_avx2(const PackedLinear& layer, const float* in, int rows, float* out) {
  const int stride = layer.row_size();
  for (int p = 0; p < layer.panels(); ++p) {
    const Panel panel{layer.panel(p), layer.bias(p), layer.inputs()};
    float* column = out + p * PackedLinear::kPanel;
    int row = 0;
    for (; row + kRowsPerTile <= rows; row += kRowsPerTile) {
      tile<kRowsPerTile, kEpilogue>(panel, in + row * layer.inputs(), column + row * stride, stride);
    }
    last_rows<kEpilogue>(panel, in + row * layer.inputs(), rows - row, column + row * stride, stride);
  }
}

float finish_portable(float sum, Epilogue epilogue, float before) {
  if (epilogue == Epilogue::kGelu) return 0.5f * sum * (1.0f + std::erf(sum * 0.70710678118654752f));
  return epilogue == Epilogue::kAdd ? before + sum : sum;
}

}  // namespace

PackedLinear::PackedLinear(std::span<const float> weight, std::span<const float> bias, int outputs,
                           int inputs, std::span<const float> scale)
    : inputs_(inputs), outputs_(outputs) {
  assert(weight.size() == std::size_t(outputs) * inputs);
  assert(bias.empty() || bias.size() == std::size_t(outputs));
  assert(scale.empty() || scale.size() == std::size_t(outputs));
  weight_.resize(std::size_t(row_size()) * inputs);
  bias_.resize(row_size());
  for (int o = 0; o < outputs; ++o) {
    const float factor = scale.empty() ? 1.0f : scale[o];
    float* column = weight_.data() + std::size_t(o / kPanel) * inputs * kPanel + o % kPanel;
    for (int i = 0; i < inputs; ++i) column[i * kPanel] = weight[std::size_t(o) * inputs + i] * factor;
    if (!bias.empty()) bias_[o] = bias[o] * factor;
  }
}

void pointwise(const PackedLinear& layer, const float* in, int rows, float* out, Epilogue epilogue) {
  if (!has_avx2()) return pointwise_portable(layer, in, rows, out, epilogue);
  switch (epilogue) {
    case Epilogue::kStore:
      return pointwise_avx2<Epilogue::kStore>(layer, in, rows, out);
    case Epilogue::kGelu:
      return pointwise_avx2<Epilogue::kGelu>(layer, in, rows, out);
    case Epilogue::kAdd:
      return pointwise_avx2<Epilogue::kAdd>(layer, in, rows, out);
  }
}

void pointwise_portable(const PackedLinear& layer, const float* in, int rows, float* out, Epilogue epilogue) {
  constexpr int kPanel = PackedLinear::kPanel;
  for (int row = 0; row < rows; ++row) {
    const float* x = in + std::size_t(row) * layer.inputs();
    float* y = out + std::size_t(row) * layer.row_size();
    for (int p = 0; p < layer.panels(); ++p, y += kPanel) {
      float sum[kPanel] = {};
      for (int i = 0; i < layer.inputs(); ++i) {
        for (int o = 0; o < kPanel; ++o) sum[o] += x[i] * layer.panel(p)[i * kPanel + o];
      }
      for (int o = 0; o < kPanel; ++o) y[o] = finish_portable(sum[o] + layer.bias(p)[o], epilogue, y[o]);
    }
  }
}

}  // namespace antiphon::models::kernels
