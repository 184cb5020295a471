// Only for files in models/torch: y = x W^T + b on our own f32 kernels, which beat at::linear on the few rows
// that speech and short texts make (measured on Zen 4, one thread, 384 x 1536: 1.1 times at 100 rows, 2 times
// at 10).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "models/kernels/f32_matrix.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {

// Owner:  any thread; immutable after construction.
// Memory: a packed copy of the weights; the file's pages are not needed any more.
class PackedLinear {
 public:
  // Reads `name`.weight [outputs, inputs] and, where the file has it, `name`.bias [outputs] (else 0).
  PackedLinear(const SafetensorsFile& file, const std::string& name, int outputs, int inputs);

  // x: f32 [rows, inputs] with contiguous rows, which may overlap; returns a new [rows, outputs].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  kernels::F32Matrix matrix_;
};

}  // namespace antiphon::models::torch
