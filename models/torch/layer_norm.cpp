#include "models/torch/layer_norm.h"

#include <ATen/ops/layer_norm.h>

#include "models/torch/weights.h"

namespace antiphon::models::torch {

LayerNorm::LayerNorm(const SafetensorsFile& file, const std::string& name, int width, double epsilon)
    : weight_(mapped_tensor(file, name + ".weight", {width})),
      bias_(mapped_tensor(file, name + ".bias", {width})),
      epsilon_(epsilon) {}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight_.sizes(), weight_, bias_, epsilon_);
}

}  // namespace antiphon::models::torch
