#include "models/native/linear.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>

#include "models/weights/gguf_values.h"

namespace antiphon::models {
namespace {

float dot(const float* a, const float* b, int count) {
  float lanes[16] = {};
  int i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int j = 0; j < 16; ++j) lanes[j] += a[i + j] * b[i + j];
  }
  float sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const float lane : lanes) sum += lane;
  return sum;
}

}  // namespace

LinearInput::LinearInput(int rows_max, int columns_max, Arithmetic)
    : values_(static_cast<std::size_t>(rows_max) * static_cast<std::size_t>(columns_max)) {}

float* LinearInput::begin(int rows, int columns) {
  assert(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns) <= values_.size());
  rows_ = rows;
  columns_ = columns;
  return values_.data();
}

void LinearInput::seal() {}

Linear::Linear(const GgufFile& file, std::span<const std::string> tensors, int columns, Arithmetic)
    : columns_(columns) {
  for (const std::string& name : tensors) {
    const GgufTensor& tensor = file.tensor(name);
    if (tensor.shape.size() != 2 || tensor.columns() != columns) {
      throw std::runtime_error("'" + file.path().string() + "': tensor '" + name +
                               "' has an unexpected shape");
    }
    if (!has_values(tensor.type)) {
      throw std::runtime_error("'" + file.path().string() + "': tensor '" + name + "' has the type " +
                               std::string(gguf_block(tensor.type).name) + ", which is not supported");
    }
    const auto width = static_cast<std::size_t>(columns);
    values_.resize(values_.size() + static_cast<std::size_t>(tensor.rows()) * width);
    for (std::int64_t row = 0; row < tensor.rows(); ++row) {
      read_row(tensor, row, {&values_[static_cast<std::size_t>(rows_ + row) * width], width});
    }
    rows_ += static_cast<int>(tensor.rows());
  }
}

std::size_t Linear::bytes() const {
  return values_.size() * sizeof(float);
}

void Linear::multiply(const LinearInput& in, int first, int last, float* out, int out_stride) const {
  assert(in.columns() == columns_ && 0 <= first && last <= rows_);
  for (int r = first; r < last; ++r) {
    const float* weights = &values_[static_cast<std::size_t>(r) * static_cast<std::size_t>(columns_)];
    for (int i = 0; i < in.rows(); ++i) {
      out[static_cast<std::ptrdiff_t>(i) * out_stride + r] =
          dot(&in.values()[static_cast<std::size_t>(i * columns_)], weights, columns_);
    }
  }
}

}  // namespace antiphon::models
