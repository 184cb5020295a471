#include "models/torch/row_linear.h"

#include <ATen/ATen.h>

#include <cmath>
#include <span>
#include <stdexcept>

#include "models/torch/weights.h"

namespace antiphon::models::torch {
namespace {

template <class Value>
std::span<const Value> values_of(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<Value>(), static_cast<std::size_t>(tensor.numel())};
}

kernels::Int8Matrix stack(const std::vector<StoredWeight>& weights) {
  std::vector<at::Tensor> values;
  std::vector<float> scales, offsets;
  for (const StoredWeight& weight : weights) {
    const at::Tensor& stored = weight.values;
    const auto outputs = static_cast<std::size_t>(stored.size(0));
    offsets.insert(offsets.end(), outputs, weight.offset);
    if (stored.scalar_type() == at::kChar) {
      values.push_back(stored);
      scales.insert(scales.end(), outputs, weight.scale);
      continue;
    }
    const at::Tensor steps = stored.abs().amax(1).clamp_min(1e-12).div(127);
    values.push_back(stored.div(steps.unsqueeze(1)).round().to(at::kChar));
    const auto own = values_of<float>(steps);
    scales.insert(scales.end(), own.begin(), own.end());
  }
  const at::Tensor all = at::cat(values).contiguous();
  return {static_cast<int>(all.size(0)), static_cast<int>(all.size(1)), values_of<std::int8_t>(all), scales,
          offsets};
}

}  // namespace

StoredWeight StoredWeight::read(const SafetensorsFile& file, const std::string& name) {
  StoredWeight weight;
  weight.values = mapped_tensor(file, name);
  if (!file.has(name + ".scale")) {
    if (weight.values.scalar_type() == at::kFloat) return weight;
    throw std::runtime_error(file.path().string() + ": tensor '" + name + "' is neither f32 nor has a scale");
  }
  weight.scale = file.f32(name + ".scale", {1})[0];
  weight.offset = file.f32(name + ".offset", {1})[0];
  if (!(weight.scale > 0) || !std::isfinite(weight.scale) || !std::isfinite(weight.offset)) {
    throw std::runtime_error(file.path().string() + ": tensor '" + name + "' has a bad scale or offset");
  }
  if (weight.values.scalar_type() == at::kByte) {
    weight.values = weight.values.to(at::kShort).sub(128).to(at::kChar);
    weight.offset += 128 * weight.scale;
  }
  if (weight.values.scalar_type() != at::kChar) {
    throw std::runtime_error(file.path().string() + ": tensor '" + name +
                             "' has a scale but no 8-bit values");
  }
  return weight;
}

at::Tensor StoredWeight::dequantised() const {
  return values.scalar_type() == at::kFloat ? values : values.to(at::kFloat).mul(scale).add(offset);
}

RowLinear::RowLinear(const std::vector<StoredWeight>& stacked, const at::Tensor& bias, Precision precision)
    : precision_(precision), bias_(bias.defined() ? bias.clone() : bias) {
  if (precision == Precision::kInt8) {
    int8_ = stack(stacked);
    return;
  }
  std::vector<at::Tensor> parts;
  for (const StoredWeight& weight : stacked) parts.push_back(weight.dequantised());
  f32_ = at::cat(parts);
}

at::Tensor RowLinear::operator()(const at::Tensor& rows) const {
  if (precision_ == Precision::kF32) return at::linear(rows, f32_, bias_);
  TORCH_CHECK(rows.dim() == 2 && rows.stride(1) == 1 && rows.size(1) == int8_.inputs());
  kernels::Int16Rows rounded;
  int8_.round(rows.const_data_ptr<float>(), static_cast<int>(rows.size(0)), rows.stride(0), rounded);
  at::Tensor out = at::empty({rows.size(0), int8_.outputs()}, at::kFloat);
  int8_.multiply(rounded, bias_.defined() ? values_of<float>(bias_) : std::span<const float>(),
                 out.mutable_data_ptr<float>());
  return out;
}

}  // namespace antiphon::models::torch
