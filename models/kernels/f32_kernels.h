// The f32 inner loops, compiled once for each variant of processor.h.
#pragma once

#include <span>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {

enum class Activation { kNone, kRelu };

// outputs are computed in panels of this many; weights are packed accordingly (see F32Matrix).
inline constexpr int kF32Panel = 16;

// out[m][n] = activation(bias[n] + sum over k of in[m][k] * w[n][k])
struct F32MatrixCall {
  const float* panels = nullptr;  // [outputs / kF32Panel, inputs, kF32Panel]
  const float* bias = nullptr;    // [outputs]
  int inputs = 0;
  int outputs = 0;  // a multiple of kF32Panel
  std::span<const float* const> in;
  float* const* out = nullptr;  // as many as `in`; must not overlap any input
  Activation activation = Activation::kNone;
};

// One LSTM cell of `width` (a multiple of 16): gates are [4, width] in the order i, f, g, o, before their
// nonlinearities; cell and hidden are [width] and are replaced.
struct F32LstmCall {
  const float* gates = nullptr;
  float* cell = nullptr;
  float* hidden = nullptr;
  int width = 0;
};

struct F32Kernels {
  void (*matrix)(const F32MatrixCall&);
  void (*lstm)(const F32LstmCall&);
};

// Any thread; no allocation.  REQUIRES: a supported variant.
const F32Kernels& f32_kernels(Variant variant = active_variant());

}  // namespace antiphon::models::kernels
