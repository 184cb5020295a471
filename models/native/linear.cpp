#include "models/native/linear.h"

#include <cassert>

#include "models/kernels/vector_ops.h"

namespace antiphon::models {

LinearInput::LinearInput(int rows_max, int columns_max, Arithmetic arithmetic)
    : values_(static_cast<std::size_t>(rows_max) * static_cast<std::size_t>(columns_max)) {
  if (arithmetic == Arithmetic::kQuantised) quantised_.emplace(rows_max, columns_max);
}

float* LinearInput::begin(int rows, int columns) {
  assert(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) <= values_.size());
  rows_ = rows;
  columns_ = columns;
  return values_.data();
}

void LinearInput::seal() {
  if (quantised_) quantised_->quantise(values_.data(), rows_, columns_, columns_);
}

Linear::Linear(std::span<const WeightTensor> tensors, int columns, Arithmetic arithmetic)
    : columns_(columns) {
  std::vector<kernels::QuantisedMatrix::Part> parts;
  for (const WeightTensor& tensor : tensors) {
    assert(tensor.columns == columns);
    parts.push_back({tensor.type, static_cast<int>(tensor.rows), tensor.bytes});
    rows_ += static_cast<int>(tensor.rows);
  }
  if (arithmetic == Arithmetic::kQuantised) {
    quantised_ = kernels::QuantisedMatrix::from_gguf(parts, columns);
  } else {
    widen(tensors);
  }
}

void Linear::widen(std::span<const WeightTensor> tensors) {
  const auto width = static_cast<std::size_t>(columns_);
  values_.resize(static_cast<std::size_t>(rows_) * width);
  float* to = values_.data();
  for (const WeightTensor& tensor : tensors) {
    for (std::int64_t row = 0; row < tensor.rows; ++row, to += width) read_row(tensor, row, {to, width});
  }
}

std::size_t Linear::bytes() const {
  return quantised_ ? quantised_->bytes() : values_.size() * sizeof(float);
}

void Linear::multiply(const LinearInput& in, int first, int last, float* out, int out_stride) const {
  assert(in.columns() == columns_ && 0 <= first && first <= last && last <= rows_);
  if (!quantised_) return multiply_f32(in, first, last, out, out_stride);
  kernels::multiply(*quantised_, *in.quantised_, out + first, out_stride, first, last - first);
}

void Linear::multiply_f32(const LinearInput& in, int first, int last, float* out, int out_stride) const {
  const auto width = static_cast<std::size_t>(columns_);
  for (int r = first; r < last; ++r) {
    const std::span<const float> weights(&values_[static_cast<std::size_t>(r) * width], width);
    const float* row = in.values_.data();
    for (int i = 0; i < in.rows(); ++i, row += width)
      out[static_cast<std::ptrdiff_t>(i) * out_stride + r] = kernels::dot(weights, row);
  }
}

}  // namespace antiphon::models
