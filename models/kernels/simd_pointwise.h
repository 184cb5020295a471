// conv_pointwise.h and the end of int8_matrix.h, written once over a vector type V (see simd_vector_ops.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/kernels/finish_call.h"
#include "models/kernels/pointwise_call.h"
#include "models/kernels/simd_vector_ops.h"

namespace antiphon::models::kernels {

// What a layer does with its sums: y is one vector's result, out its place, of which `lanes` count.
template <class V, Epilogue kEpilogue>
void store_output(typename V::Type y, float* out, int lanes) {
  if constexpr (kEpilogue == Epilogue::kGelu) y = gelu_of<V>(y);
  if constexpr (kEpilogue == Epilogue::kCoarseGelu) y = coarse_gelu_of<V>(y);
  if constexpr (kEpilogue == Epilogue::kAdd) y = V::add(y, load_some<V>(out, lanes));
  lanes == V::kLanes ? V::store(out, y) : V::store_part(out, y, lanes);
}

template <class V>
class IntegerFinish {
 public:
  static void finish(const FinishCall& call) {
    switch (call.epilogue) {
      case Epilogue::kStore:
        return panel<Epilogue::kStore>(call);
      case Epilogue::kGelu:
        return panel<Epilogue::kGelu>(call);
      case Epilogue::kCoarseGelu:
        return panel<Epilogue::kCoarseGelu>(call);
      case Epilogue::kAdd:
        return panel<Epilogue::kAdd>(call);
    }
  }

 private:
  // A vector of outputs of all rows at a time, so that what belongs to the outputs is loaded once.
  template <Epilogue kEpilogue>
  static void panel(const FinishCall& call) {
    for (int n = 0; n < call.width; n += V::kLanes) {
      if (call.width - n >= V::kLanes) {
        column<kEpilogue>(call, n, V::kLanes);
      } else {
        column<kEpilogue>(call, n, call.width - n);
      }
    }
  }

  template <Epilogue kEpilogue>
  [[gnu::always_inline]] static inline void column(const FinishCall& call, int n, int lanes) {
    const auto offset = load_some<V>(call.offsets + n, lanes);
    const auto scale = load_some<V>(call.scales + n, lanes);
    const auto bias = call.bias == nullptr ? V::set(0) : load_some<V>(call.bias + n, lanes);
    const std::int32_t* sums = call.sums + n;
    float* out = call.out + n;
    for (int m = 0; m < call.count; ++m, sums += call.sums_stride, out += call.out_stride) {
      const auto step = V::set(call.steps[m]);
      const auto total = V::set(call.steps[m] * static_cast<float>(call.row_sums[m]));
      const auto base = V::fma(offset, total, bias);
      store_output<V, kEpilogue>(V::fma(V::load(sums), V::mul(step, scale), base), out, lanes);
    }
  }
};

template <class V>
class Pointwise {
 public:
  static void pointwise(const PointwiseCall& call) {
    switch (call.epilogue) {
      case Epilogue::kStore:
        return all_panels<Epilogue::kStore>(call);
      case Epilogue::kGelu:
        return all_panels<Epilogue::kGelu>(call);
      case Epilogue::kCoarseGelu:
        return all_panels<Epilogue::kCoarseGelu>(call);
      case Epilogue::kAdd:
        return all_panels<Epilogue::kAdd>(call);
    }
  }

 private:
  using T = typename V::Type;

  static constexpr int kVectors = kPointwisePanel / V::kLanes;  // across a panel
  // The sums of a full tile, V::kSums vectors, and the weights fill the registers.
  static constexpr int kRowsMax = V::kSums / kVectors;

  template <class Weight>
  struct Panel {
    const Weight* weights;  // [inputs, kPointwisePanel]
    const float* scales;    // [kPointwisePanel]
    const float* biases;    // [kPointwisePanel]
    int inputs;
    std::ptrdiff_t out_stride;
  };

  template <Epilogue kEpilogue>
  static void all_panels(const PointwiseCall& call) {
    for (int p = 0; p < call.panels; ++p) {
      const std::ptrdiff_t column = std::ptrdiff_t(p) * kPointwisePanel;
      const float* scales = call.scales + column;
      const float* biases = call.biases + column;
      const std::ptrdiff_t stride = std::ptrdiff_t(call.panels) * kPointwisePanel;
      if (call.bytes != nullptr) {
        const Panel<std::int8_t> panel{call.bytes + column * call.inputs, scales, biases, call.inputs,
                                       stride};
        all_rows<kEpilogue>(panel, call.in, call.rows, call.out + column);
      } else {
        const Panel<float> panel{call.floats + column * call.inputs, scales, biases, call.inputs, stride};
        all_rows<kEpilogue>(panel, call.in, call.rows, call.out + column);
      }
    }
  }

  // The rows are shared out evenly (8 as 4 + 4), because a tile of 1 or 2 rows runs at a third of the speed.
  template <Epilogue kEpilogue, class Weight>
  static void all_rows(const Panel<Weight>& panel, const float* in, int rows, float* out) {
    const int tiles = (rows + kRowsMax - 1) / kRowsMax;
    for (int t = 0; t < tiles; ++t) {
      const int height = (rows + tiles - t - 1) / (tiles - t);
      tile_of<kRowsMax, kEpilogue>(height, panel, in, out);
      in += std::ptrdiff_t(height) * panel.inputs;
      out += height * panel.out_stride;
      rows -= height;
    }
  }

  template <int kRows, Epilogue kEpilogue, class Weight>
  static void tile_of(int rows, const Panel<Weight>& panel, const float* in, float* out) {
    if constexpr (kRows > 1) {
      if (rows < kRows) return tile_of<kRows - 1, kEpilogue>(rows, panel, in, out);
    }
    tile<kRows, kEpilogue>(panel, in, out);
  }

  // kRows rows times one panel. The pragmas keep the sums in registers.
  template <int kRows, Epilogue kEpilogue, class Weight>
  [[gnu::noinline]] static void tile(const Panel<Weight>& panel, const float* in, float* out) {
    constexpr int kAheadBytes = 1024;
    T sum[kRows][kVectors];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) sum[r][v] = V::set(0);
    }
    const Weight* weights = panel.weights;
    const std::ptrdiff_t inputs = panel.inputs;
    for (std::ptrdiff_t i = 0; i < inputs; ++i, weights += kPointwisePanel) {
      __builtin_prefetch(reinterpret_cast<const char*>(weights) + kAheadBytes);
      T weight[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) weight[v] = V::load(weights + v * V::kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const T x = V::set(in[r * inputs + i]);
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sum[r][v] = V::fma(x, weight[v], sum[r][v]);
      }
    }
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) finish<kEpilogue>(sum[r][v], panel, v, out + r * panel.out_stride);
    }
  }

  template <Epilogue kEpilogue, class Weight>
  static void finish(T sum, const Panel<Weight>& panel, int vector, float* out) {
    const std::ptrdiff_t at = std::ptrdiff_t(vector) * V::kLanes;
    sum = V::fma(sum, V::load(panel.scales + at), V::load(panel.biases + at));
    store_output<V, kEpilogue>(sum, out + at, V::kLanes);
  }
};

}  // namespace antiphon::models::kernels
