#include "models/torch/packed_linear.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <cassert>
#include <vector>

namespace antiphon::models::torch {
namespace {

using kernels::F32Matrix;

F32Matrix pack(const SafetensorsFile& file, const std::string& name, int outputs, int inputs) {
  std::vector<float> bias(static_cast<std::size_t>(outputs));
  if (file.has(name + ".bias")) std::ranges::copy(file.f32(name + ".bias", {outputs}), bias.begin());
  return F32Matrix(file.f32(name + ".weight", {outputs, inputs}), bias, outputs, inputs);
}

}  // namespace

PackedLinear::PackedLinear(const SafetensorsFile& file, const std::string& name, int outputs, int inputs)
    : matrix_(pack(file, name, outputs, inputs)) {}

at::Tensor PackedLinear::operator()(const at::Tensor& x) const {
  assert(x.dim() == 2 && x.size(1) == matrix_.inputs() && x.stride(1) == 1 && x.scalar_type() == at::kFloat);
  const auto rows = static_cast<std::size_t>(x.size(0));
  at::Tensor y = at::empty({x.size(0), matrix_.outputs()}, x.options());
  std::vector<const float*> in(rows);
  std::vector<float*> out(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto number = static_cast<std::int64_t>(row);
    in[row] = x.const_data_ptr<float>() + number * x.stride(0);
    out[row] = y.mutable_data_ptr<float>() + number * y.stride(0);
  }
  matrix_.multiply(in, out.data(), kernels::Activation::kNone);
  return y;
}

}  // namespace antiphon::models::torch
