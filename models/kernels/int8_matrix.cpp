#include "models/kernels/int8_matrix.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <limits>
#include <utility>

namespace antiphon::models::kernels {
namespace {

constexpr int kRowsPerBlock = 128;

// The largest count of steps with which no sum of products can leave 32 bits.
float levels_for(int inputs) {
  constexpr std::int64_t kLargestWeight = 128;
  const std::int64_t safe = std::numeric_limits<std::int32_t>::max() / (kLargestWeight * inputs) - 1;
  return static_cast<float>(std::min<std::int64_t>(safe, std::numeric_limits<std::int16_t>::max()));
}

}  // namespace

Int8Matrix::Int8Matrix(int outputs, int inputs, std::span<const std::int8_t> weights,
                       std::vector<float> scales, std::vector<float> offsets)
    : outputs_(outputs),
      inputs_(inputs),
      levels_(levels_for(inputs)),
      scales_(std::move(scales)),
      offsets_(std::move(offsets)) {
  assert(outputs > 0 && inputs > 0 && inputs % 2 == 0 && inputs <= 60000);
  assert(weights.size() == static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs));
  assert(std::ssize(scales_) == outputs && std::ssize(offsets_) == outputs);
  const int panels = (outputs + kIntegerPanel - 1) / kIntegerPanel;
  panels_.resize(static_cast<std::size_t>(panels) * kIntegerPanel * static_cast<std::size_t>(inputs));
  for (int n = 0; n < outputs; ++n) {
    const std::int8_t* from = weights.data() + static_cast<std::ptrdiff_t>(n) * inputs;
    for (int k = 0; k < inputs; ++k) panels_[index(n, k)] = from[k];
  }
}

std::size_t Int8Matrix::index(int output, int input) const {
  const std::size_t pair =
      static_cast<std::size_t>(output / kIntegerPanel) * static_cast<std::size_t>(inputs_ / 2) +
      static_cast<std::size_t>(input / 2);
  return (pair * kIntegerPanel + static_cast<std::size_t>(output % kIntegerPanel)) * 2 +
         static_cast<std::size_t>(input % 2);
}

void Int8Matrix::round(const float* x, int count, std::ptrdiff_t stride, Int16Rows& rows) const {
  const auto width = static_cast<std::size_t>(inputs_);
  rows.values_.resize(static_cast<std::size_t>(count) * width);
  rows.steps_.resize(static_cast<std::size_t>(count));
  rows.sums_.resize(static_cast<std::size_t>(count));
  const IntegerKernels& kernels = integer_kernels();
  for (std::size_t m = 0; m < rows.steps_.size(); ++m) {
    const float* row = x + static_cast<std::ptrdiff_t>(m) * stride;
    const Rounded rounded = kernels.round({row, inputs_, levels_, &rows.values_[m * width]});
    rows.steps_[m] = rounded.step;
    rows.sums_[m] = rounded.sum;
  }
}

void Int8Matrix::multiply(const Int16Rows& rows, std::span<const float> bias, float* out,
                          Epilogue epilogue) const {
  assert(rows.values_.size() == rows.steps_.size() * static_cast<std::size_t>(inputs_));
  assert(bias.empty() || std::ssize(bias) == outputs_);
  const IntegerKernels& kernels = integer_kernels();
  std::array<std::int32_t, static_cast<std::size_t>(kRowsPerBlock) * kIntegerPanel> sums;
  for (int first = 0; first < rows.count(); first += kRowsPerBlock) {
    const int count = std::min(kRowsPerBlock, rows.count() - first);
    for (int n = 0; n < outputs_; n += kIntegerPanel) {
      kernels.product({&panels_[index(n, 0)],
                       &rows.values_[static_cast<std::size_t>(first) * static_cast<std::size_t>(inputs_)],
                       inputs_ / 2, count, sums.data()});
      active_kernels().finish({.sums = sums.data(),
                               .sums_stride = kIntegerPanel,
                               .count = count,
                               .width = std::min(kIntegerPanel, outputs_ - n),
                               .steps = &rows.steps_[static_cast<std::size_t>(first)],
                               .row_sums = &rows.sums_[static_cast<std::size_t>(first)],
                               .scales = &scales_[static_cast<std::size_t>(n)],
                               .offsets = &offsets_[static_cast<std::size_t>(n)],
                               .bias = bias.empty() ? nullptr : &bias[static_cast<std::size_t>(n)],
                               .out = out + static_cast<std::ptrdiff_t>(first) * outputs_ + n,
                               .out_stride = outputs_,
                               .epilogue = epilogue});
    }
  }
}

void Int8Matrix::row(int n, float* out) const {
  assert(n >= 0 && n < outputs_);
  const auto at = static_cast<std::size_t>(n);
  for (int k = 0; k < inputs_; ++k)
    out[k] = static_cast<float>(panels_[index(n, k)]) * scales_[at] + offsets_[at];
}

}  // namespace antiphon::models::kernels
