#pragma once

#include <span>
#include <vector>

#include "models/kernels/f32_kernels.h"

namespace antiphon::models::kernels {

// The weights of y = x W^T + b in panels of kF32Panel outputs, each read front to back by one pass.
//
// Owner:  any thread; immutable after construction.
// Memory: its own copy of the weights, outputs * inputs floats; multiply() never allocates.
class F32Matrix {
 public:
  // weight: [outputs, inputs], bias: [outputs]; outputs is a multiple of kF32Panel.
  F32Matrix(std::span<const float> weight, std::span<const float> bias, int outputs, int inputs);

  // Row m reads inputs() floats at in[m] and writes outputs() floats at out[m]. Rows of `in` may overlap (a
  // convolution over time is then a product whose rows start one stride apart); `out` overlaps nothing.
  void multiply(std::span<const float* const> in, float* const* out, Activation activation,
                const F32Kernels& kernels = f32_kernels()) const;

  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }

 private:
  int outputs_;
  int inputs_;
  std::vector<float> panels_;  // [outputs / kF32Panel, inputs, kF32Panel]
  std::vector<float> bias_;
};

}  // namespace antiphon::models::kernels
