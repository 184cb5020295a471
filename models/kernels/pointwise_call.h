#pragma once

#include <cstdint>

namespace antiphon::models::kernels {

inline constexpr int kPointwisePanel = 16;  // outputs that are computed side by side

enum class Epilogue {
  kStore,       // out = in W + b
  kGelu,        // out = gelu(in W + b), the exact (erf) form to 2e-7 |x|
  kCoarseGelu,  // out = gelu(in W + b) to 4e-5 (1 + |x|), at a third of the cost
  kAdd,         // out += in W + b
};

// Rows of activations times a PackedLinear (conv_pointwise.h).
struct PointwiseCall {
  const std::int8_t* bytes = nullptr;  // [panels, inputs, kPointwisePanel]; null: the weights are floats
  const float* floats = nullptr;       // likewise
  const float* scales = nullptr;       // [panels, kPointwisePanel]
  const float* biases = nullptr;       // likewise
  int inputs = 0;
  int panels = 0;
  const float* in = nullptr;  // [rows, inputs]
  float* out = nullptr;       // [rows, panels, kPointwisePanel]
  int rows = 0;
  Epilogue epilogue = Epilogue::kStore;
};

}  // namespace antiphon::models::kernels
