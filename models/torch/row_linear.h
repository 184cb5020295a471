// Only for files in models/torch: y = x W^T + b over rows of floats, with weights that are stored as int8.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "models/kernels/byte_matrix.h"
#include "models/kernels/conv_pointwise.h"
#include "models/kernels/f32_matrix.h"
#include "models/kernels/int8_matrix.h"
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
  // A convolution's [out, in, kernel] -> [out, kernel * in], for inputs that are windows of `kernel` rows.
  StoredWeight windowed() const;
};

// Owner:  any thread; immutable after construction.
// Memory: its own copy of the weights, four bytes each with Inputs::kF32, else one.
class RowLinear {
 public:
  // What a call needs besides; kept by the caller to be used again without allocation.
  struct Scratch {
    kernels::RoundedRows rounded;
    std::vector<const float*> in;
    std::vector<float*> out;
    std::vector<float> sums;
  };

  // Stacks the outputs of several weights that share their input. Each weight is [out, in], `bias` [sum of
  // out] or undefined. Unless `inputs` are kF32 a weight of plain f32 is quantised, one scale for each
  // output.
  RowLinear(const std::vector<StoredWeight>& stacked, const at::Tensor& bias, kernels::Inputs inputs);

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }

  // rows: `count` rows of inputs() floats, `stride` floats apart; they may overlap (windows of a
  // convolution). out: [count, outputs()], dense, taken by the epilogue; overlaps no row.
  void operator()(const float* rows, int count, std::ptrdiff_t stride, float* out, kernels::Epilogue epilogue,
                  Scratch& scratch) const;

 private:
  void multiply_f32(const float* rows, int count, std::ptrdiff_t stride, float* out,
                    kernels::Epilogue epilogue, Scratch& scratch) const;

  int inputs_;
  int outputs_;
  std::vector<float> bias_;
  kernels::ByteMatrix bytes_;  // one of these three has weights
  kernels::Int8Matrix int8_;
  std::optional<kernels::F32Matrix> f32_;
};

}  // namespace antiphon::models::torch
