// Only for files in models/torch.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "models/weights/safetensors.h"

namespace antiphon::models::torch {

// Layer normalisation over the last dimension; its weights stay in the file's pages.
class LayerNorm {
 public:
  // `name`.weight and `name`.bias, [width] each; `file` must outlive this.
  LayerNorm(const SafetensorsFile& file, const std::string& name, int width, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;
  double epsilon_;
};

}  // namespace antiphon::models::torch
