// Only for files in models/torch: y = x W^T + b over the rows of x, with weights that are stored as int8.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "models/kernels/int8_matrix.h"
#include "models/torch/precision.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {

// An affine-quantised tensor as the converter stores it: NAME int8 or uint8 with NAME.scale and NAME.offset,
// w = q * scale + offset, or plain f32.
struct StoredWeight {
  at::Tensor values;  // int8 (uint8 is shifted) or f32; over the file's pages or a copy
  float scale = 1;
  float offset = 0;

  static StoredWeight read(const SafetensorsFile& file, const std::string& name);
  at::Tensor dequantised() const;
};

// Owner:  any thread; immutable after construction.
// Memory: its own copy of the weights, one byte each for kInt8, four for kF32.
class RowLinear {
 public:
  // Stacks the outputs of several weights that share their input. Each weight is [out, in], `bias` [sum of
  // out] or undefined. With kInt8 a weight of plain f32 is quantised, one scale for each output.
  RowLinear(const std::vector<StoredWeight>& stacked, const at::Tensor& bias, Precision precision);

  // [n, in] -> [n, out]; rows may overlap in memory (windows of a convolution).
  at::Tensor operator()(const at::Tensor& rows) const;

 private:
  Precision precision_;
  kernels::Int8Matrix int8_;
  at::Tensor f32_;   // [out, in]
  at::Tensor bias_;  // [out] or undefined
};

}  // namespace antiphon::models::torch
