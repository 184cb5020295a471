#include "models/kernels/conv_pointwise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "models/kernels/spectral_math_avx2.h"

namespace antiphon::models::kernels {
namespace {

constexpr int kRowsPerTile = 6;  // 6 x 16 sums fill 12 of the 16 registers

template <class Weight>
struct Panel {
  const Weight* weight;  // [inputs, 16]
  const float* scale;    // [16]
  const float* bias;     // [16]
  int inputs;
};

ANTIPHON_AVX2_INLINE __m256 load_weights(const float* weight) {
  return _mm256_load_ps(weight);
}

ANTIPHON_AVX2_INLINE __m256 load_weights(const std::int8_t* weight) {
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(weight));
  return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
}

template <Epilogue kEpilogue>
ANTIPHON_AVX2_INLINE void finish(__m256 sum, const float* scale, const float* bias, float* out) {
  sum = _mm256_fmadd_ps(sum, _mm256_load_ps(scale), _mm256_load_ps(bias));
  if constexpr (kEpilogue == Epilogue::kGelu) sum = gelu8(sum);
  if constexpr (kEpilogue == Epilogue::kAdd) sum = _mm256_add_ps(sum, _mm256_loadu_ps(out));
  _mm256_storeu_ps(out, sum);
}

// kRows rows times one panel. The pragmas keep the sums in registers.
template <int kRows, Epilogue kEpilogue, class Weight>
ANTIPHON_AVX2 void tile(const Panel<Weight>& panel, const float* in, float* out, int out_stride) {
  constexpr int kAheadBytes = 1024;
  __m256 sum[kRows][2];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) sum[r][0] = sum[r][1] = _mm256_setzero_ps();
  const Weight* weight = panel.weight;
  const int inputs = panel.inputs;
  for (int i = 0; i < inputs; ++i, weight += PackedLinear::kPanel) {
    _mm_prefetch(reinterpret_cast<const char*>(weight) + kAheadBytes, _MM_HINT_T0);
    const __m256 low = load_weights(weight);
    const __m256 high = load_weights(weight + 8);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256 x = _mm256_broadcast_ss(in + r * inputs + i);
      sum[r][0] = _mm256_fmadd_ps(x, low, sum[r][0]);
      sum[r][1] = _mm256_fmadd_ps(x, high, sum[r][1]);
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    finish<kEpilogue>(sum[r][0], panel.scale, panel.bias, out + r * out_stride);
    finish<kEpilogue>(sum[r][1], panel.scale + 8, panel.bias + 8, out + r * out_stride + 8);
  }
}

template <Epilogue kEpilogue, class Weight>
ANTIPHON_AVX2 void tile_of(int rows, const Panel<Weight>& panel, const float* in, float* out,
                           int out_stride) {
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
      return tile<6, kEpilogue>(panel, in, out, out_stride);
  }
}

// The rows are shared out evenly (8 as 4 + 4), because a tile of 1 or 2 rows runs at a third of the speed.
template <Epilogue kEpilogue, class Weight>
ANTIPHON_AVX2 void panel_rows(const Panel<Weight>& panel, const float* in, int rows, float* out,
                              int out_stride) {
  const int tiles = (rows + kRowsPerTile - 1) / kRowsPerTile;
  for (int t = 0, row = 0; t < tiles; ++t) {
    const int height = (rows - row + tiles - t - 1) / (tiles - t);
    tile_of<kEpilogue>(height, panel, in + std::ptrdiff_t(row) * panel.inputs,
                       out + std::ptrdiff_t(row) * out_stride, out_stride);
    row += height;
  }
}

template <Epilogue kEpilogue>
ANTIPHON_AVX2 void pointwise_avx2(const PackedLinear& layer, const float* in, int rows, float* out) {
  for (int p = 0; p < layer.panels(); ++p) {
    float* column = out + p * PackedLinear::kPanel;
    if (layer.holds_bytes()) {
      const Panel<std::int8_t> panel{layer.byte_panel(p), layer.scale(p), layer.bias(p), layer.inputs()};
      panel_rows<kEpilogue>(panel, in, rows, column, layer.row_size());
    } else {
      const Panel<float> panel{layer.float_panel(p), layer.scale(p), layer.bias(p), layer.inputs()};
      panel_rows<kEpilogue>(panel, in, rows, column, layer.row_size());
    }
  }
}

float finish_portable(float sum, Epilogue epilogue, float before) {
  if (epilogue == Epilogue::kGelu) return 0.5f * sum * (1.0f + std::erf(sum * 0.70710678118654752f));
  return epilogue == Epilogue::kAdd ? before + sum : sum;
}

// The step of which all weights are whole multiples from -127 to 127; 0 if there is none.
float step_of(std::span<const float> weight) {
  constexpr float kToleranceSteps = 1e-3f;  // f32 rounding leaves 1e-5
  float largest = 0.0f;
  for (const float w : weight) largest = std::max(largest, std::abs(w));
  const float step = largest / 127.0f;
  if (!(step > 0.0f)) return 0.0f;
  const bool whole = std::ranges::all_of(
      weight, [step](float w) { return std::abs(w / step - std::nearbyint(w / step)) < kToleranceSteps; });
  return whole ? step : 0.0f;
}

}  // namespace

PackedLinear::PackedLinear(std::span<const float> weight, std::span<const float> bias, int outputs,
                           int inputs, std::span<const float> scale)
    : inputs_(inputs), outputs_(outputs), scale_(row_size()), bias_(row_size()) {
  assert(weight.size() == std::size_t(outputs) * std::size_t(inputs));
  assert(bias.empty() || bias.size() == std::size_t(outputs));
  assert(scale.empty() || scale.size() == std::size_t(outputs));
  const float step = step_of(weight);
  const std::size_t size = panel_offset(panels());
  step > 0.0f ? bytes_.resize(size) : floats_.resize(size);
  for (int o = 0; o < outputs; ++o) {
    const float factor = scale.empty() ? 1.0f : scale[o];
    for (int i = 0; i < inputs; ++i) {
      const float w = weight[std::size_t(o) * std::size_t(inputs) + std::size_t(i)];
      if (step > 0.0f) {
        bytes_[place(o, i)] = static_cast<std::int8_t>(std::nearbyint(w / step));
      } else {
        floats_[place(o, i)] = w;
      }
    }
    scale_[o] = step > 0.0f ? step * factor : factor;
    bias_[o] = bias.empty() ? 0.0f : bias[o] * factor;
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
    const float* x = in + std::ptrdiff_t(row) * layer.inputs();
    float* y = out + std::ptrdiff_t(row) * layer.row_size();
    for (int p = 0; p < layer.panels(); ++p, y += kPanel) {
      float sum[kPanel] = {};
      for (int i = 0; i < layer.inputs(); ++i) {
        for (int o = 0; o < kPanel; ++o) {
          const int at = i * kPanel + o;
          sum[o] += x[i] * (layer.holds_bytes() ? float(layer.byte_panel(p)[at]) : layer.float_panel(p)[at]);
        }
      }
      for (int o = 0; o < kPanel; ++o) {
        y[o] = finish_portable(sum[o] * layer.scale(p)[o] + layer.bias(p)[o], epilogue, y[o]);
      }
    }
  }
}

}  // namespace antiphon::models::kernels
