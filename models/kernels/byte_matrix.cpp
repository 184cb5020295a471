#include "models/kernels/byte_matrix.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <numeric>
#include <utility>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {
namespace {

constexpr int kRowsPerBlock = 128;

}  // namespace

ByteMatrix::ByteMatrix(int outputs, int inputs, std::span<const std::int8_t> weights,
                       std::vector<float> scales)
    : outputs_(outputs), inputs_(inputs), scales_(std::move(scales)) {
  assert(outputs > 0 && inputs > 0 && inputs % 4 == 0 && inputs <= 60000);
  assert(weights.size() == static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs));
  assert(std::ssize(scales_) == outputs);
  const int panels = (outputs + kBytePanel - 1) / kBytePanel;
  panels_.resize(static_cast<std::size_t>(panels) * kBytePanel * static_cast<std::size_t>(inputs));
  for (int n = 0; n < outputs; ++n) {
    const auto row = weights.subspan(static_cast<std::size_t>(n) * static_cast<std::size_t>(inputs),
                                     static_cast<std::size_t>(inputs));
    for (int k = 0; k < inputs; ++k) panels_[index(n, k)] = row[static_cast<std::size_t>(k)];
    const int sum = std::accumulate(row.begin(), row.end(), 0);
    row_weights_.push_back(scales_[static_cast<std::size_t>(n)] * static_cast<float>(sum));
  }
}

std::size_t ByteMatrix::index(int output, int input) const {
  const std::size_t quad =
      static_cast<std::size_t>(output / kBytePanel) * static_cast<std::size_t>(inputs_ / 4) +
      static_cast<std::size_t>(input / 4);
  return (quad * kBytePanel + static_cast<std::size_t>(output % kBytePanel)) * 4 +
         static_cast<std::size_t>(input % 4);
}

void ByteMatrix::round(const float* x, int count, std::ptrdiff_t stride, ByteRows& rows) const {
  const auto width = static_cast<std::size_t>(inputs_);
  rows.values_.resize(static_cast<std::size_t>(count) * width);
  rows.steps_.resize(static_cast<std::size_t>(count));
  rows.offsets_.resize(static_cast<std::size_t>(count));
  const ByteKernels& kernels = byte_kernels();
  for (std::size_t m = 0; m < rows.steps_.size(); ++m) {
    const float* row = x + static_cast<std::ptrdiff_t>(m) * stride;
    const RoundedBytes rounded = kernels.round({row, inputs_, &rows.values_[m * width]});
    rows.steps_[m] = rounded.step;
    rows.offsets_[m] = -rounded.zero;
  }
}

void ByteMatrix::multiply(const ByteRows& rows, std::span<const float> bias, float* out,
                          Epilogue epilogue) const {
  assert(rows.values_.size() == rows.steps_.size() * static_cast<std::size_t>(inputs_));
  assert(bias.empty() || std::ssize(bias) == outputs_);
  const ByteKernels& kernels = byte_kernels();
  std::array<std::int32_t, static_cast<std::size_t>(kRowsPerBlock) * kBytePanel> sums;
  for (int first = 0; first < rows.count(); first += kRowsPerBlock) {
    const int count = std::min(kRowsPerBlock, rows.count() - first);
    for (int n = 0; n < outputs_; n += kBytePanel) {
      kernels.product({&panels_[index(n, 0)],
                       &rows.values_[static_cast<std::size_t>(first) * static_cast<std::size_t>(inputs_)],
                       inputs_ / 4, count, sums.data()});
      active_kernels().finish({.sums = sums.data(),
                               .sums_stride = kBytePanel,
                               .count = count,
                               .width = std::min(kBytePanel, outputs_ - n),
                               .steps = &rows.steps_[static_cast<std::size_t>(first)],
                               .row_sums = &rows.offsets_[static_cast<std::size_t>(first)],
                               .scales = &scales_[static_cast<std::size_t>(n)],
                               .offsets = &row_weights_[static_cast<std::size_t>(n)],
                               .bias = bias.empty() ? nullptr : &bias[static_cast<std::size_t>(n)],
                               .out = out + static_cast<std::ptrdiff_t>(first) * outputs_ + n,
                               .out_stride = outputs_,
                               .epilogue = epilogue});
    }
  }
}

}  // namespace antiphon::models::kernels
