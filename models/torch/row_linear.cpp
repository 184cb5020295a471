#include "models/torch/row_linear.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <stdexcept>

#include "models/kernels/byte_products.h"
#include "models/kernels/vector_ops.h"
#include "models/torch/weights.h"

namespace antiphon::models::torch {

using kernels::Epilogue;

namespace {

template <class Value>
std::span<const Value> values_of(const at::Tensor& tensor) {
  return {tensor.const_data_ptr<Value>(), static_cast<std::size_t>(tensor.numel())};
}

void append(const at::Tensor& values, std::vector<float>& list) {
  const auto more = values_of<float>(values);
  list.insert(list.end(), more.begin(), more.end());
}

// [out]: the step with which an output's largest weight is 127 of them.
at::Tensor steps_of(const at::Tensor& weight) {
  return weight.abs().amax(1).clamp_min(1e-12).div(127);
}

// As stored: exact, for inputs of 13 bits or more.
kernels::Int8Matrix affine(const std::vector<StoredWeight>& weights) {
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
    const at::Tensor steps = steps_of(stored);
    values.push_back(stored.div(steps.unsqueeze(1)).round().to(at::kChar));
    append(steps, scales);
  }
  const at::Tensor all = at::cat(values).contiguous();
  return {static_cast<int>(all.size(0)), static_cast<int>(all.size(1)), values_of<std::int8_t>(all), scales,
          offsets};
}

// Around zero, one step for each output: the stored one where the output's weights fit (they are whole steps
// from a whole zero, so this is exact), a larger one where they do not.
kernels::ByteMatrix symmetric(const std::vector<StoredWeight>& weights) {
  std::vector<at::Tensor> values;
  std::vector<float> scales;
  for (const StoredWeight& weight : weights) {
    const at::Tensor wanted = weight.dequantised();
    at::Tensor steps = steps_of(wanted);
    if (weight.values.scalar_type() == at::kChar) steps = steps.clamp_min(weight.scale);
    values.push_back(wanted.div(steps.unsqueeze(1)).round().to(at::kChar));
    append(steps, scales);
  }
  const at::Tensor all = at::cat(values).contiguous();
  return {static_cast<int>(all.size(0)), static_cast<int>(all.size(1)), values_of<std::int8_t>(all), scales};
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

StoredWeight StoredWeight::windowed() const {
  return {values.permute({0, 2, 1}).flatten(1).contiguous(), scale, offset};
}

RowLinear::RowLinear(const std::vector<StoredWeight>& stacked, const at::Tensor& bias, kernels::Inputs inputs)
    : inputs_(static_cast<int>(stacked.at(0).values.size(1))), outputs_(0) {
  for (const StoredWeight& weight : stacked) outputs_ += static_cast<int>(weight.values.size(0));
  bias_.resize(static_cast<std::size_t>(outputs_));
  if (bias.defined()) std::ranges::copy(values_of<float>(bias), bias_.begin());
  if (inputs == kernels::Inputs::kF32) {
    std::vector<at::Tensor> parts;
    for (const StoredWeight& weight : stacked) parts.push_back(weight.dequantised());
    f32_.emplace(values_of<float>(at::cat(parts)), bias_, outputs_, inputs_);
  } else if (inputs == kernels::Inputs::kBytes && kernels::fast_byte_products()) {
    bytes_ = symmetric(stacked);
  } else {
    int8_ = affine(stacked);
  }
}

void RowLinear::operator()(const float* rows, int count, std::ptrdiff_t stride, float* out,
                           kernels::Epilogue epilogue, Scratch& scratch) const {
  if (f32_) return multiply_f32(rows, count, stride, out, epilogue, scratch);
  // What rounded inputs leave out is more than the exact form would add.
  if (epilogue == Epilogue::kGelu) epilogue = Epilogue::kCoarseGelu;
  if (bytes_.inputs() == 0) {
    int8_.round(rows, count, stride, scratch.rounded.int16);
    return int8_.multiply(scratch.rounded.int16, bias_, out, epilogue);
  }
  bytes_.round(rows, count, stride, scratch.rounded.bytes);
  bytes_.multiply(scratch.rounded.bytes, bias_, out, epilogue);
}

void RowLinear::multiply_f32(const float* rows, int count, std::ptrdiff_t stride, float* out,
                             Epilogue epilogue, Scratch& scratch) const {
  const auto size = static_cast<std::size_t>(count) * static_cast<std::size_t>(outputs_);
  float* sums = out;
  if (epilogue == Epilogue::kAdd) {
    scratch.sums.resize(size);
    sums = scratch.sums.data();
  }
  scratch.in.resize(static_cast<std::size_t>(count));
  scratch.out.resize(scratch.in.size());
  for (std::size_t m = 0; m < scratch.in.size(); ++m) {
    scratch.in[m] = rows + static_cast<std::ptrdiff_t>(m) * stride;
    scratch.out[m] = sums + static_cast<std::ptrdiff_t>(m) * outputs_;
  }
  f32_->multiply(scratch.in, scratch.out.data(), kernels::Activation::kNone);
  if (epilogue == Epilogue::kAdd) {
    kernels::add({sums, size}, out);
  } else if (epilogue != Epilogue::kStore) {
    kernels::gelu({out, size}, out);
  }
}

}  // namespace antiphon::models::torch
