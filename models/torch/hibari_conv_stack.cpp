#include "models/torch/hibari_conv_stack.h"

#include <algorithm>
#include <cassert>
#include <cstddef>

namespace antiphon::models::torch {

float* RowWindow::append(int rows) {
  const std::size_t before = values_.size();
  values_.resize(before + std::size_t(rows) * channels_);
  return values_.data() + before;
}

void RowWindow::drop_front(int rows) {
  values_.erase(values_.begin(), values_.begin() + std::ptrdiff_t(rows) * channels_);
}

ConvNextStack::ConvNextStack(std::span<const ConvNextWeights> blocks, std::int64_t length, std::int64_t first)
    : blocks_(blocks), length_(length), made_(blocks.size()) {
  for (const ConvNextWeights& block : blocks) windows_.emplace_back(block.channels());
  windows_.emplace_back(blocks.back().channels());
  std::int64_t needed = first;  // first output row of the block at hand
  for (std::size_t i = blocks.size(); i-- > 0;) {
    const int reach = blocks[i].depthwise().reach();
    const std::int64_t before = std::max<std::int64_t>(0, needed - reach);
    windows_[i].append(reach - static_cast<int>(needed - before));  // zeros before the sequence
    made_[i] = needed;
    needed = before;
    reach_ += reach;
  }
  next_input_ = needed;
}

int ConvNextStack::input_missing(std::int64_t until) const {
  return static_cast<int>(std::min(length_, until + reach_) - next_input_);
}

float* ConvNextStack::input(int rows) {
  next_input_ += rows;
  return windows_.front().append(rows);
}

std::span<const float> ConvNextStack::run(std::int64_t until) {
  assert(until <= length_ && input_missing(until) <= 0);
  RowWindow& out = windows_.back();
  out.drop_front(out.rows());
  int reach_after = reach_;  // of the blocks after the one at hand
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    reach_after -= blocks_[i].depthwise().reach();
    const std::int64_t target = std::min(length_, until + reach_after);
    if (target <= made_[i]) continue;
    run_block(i, static_cast<int>(target - made_[i]));
    made_[i] = target;
  }
  return {out.row(0), std::size_t(out.rows()) * blocks_.back().channels()};
}

void ConvNextStack::run_block(std::size_t index, int rows) {
  const ConvNextWeights& block = blocks_[index];
  const kernels::DepthwiseWeights depthwise = block.depthwise();
  const int reach = depthwise.reach();
  RowWindow& window = windows_[index];
  const int beyond = rows + 2 * reach - window.rows();
  if (beyond > 0) window.append(beyond);  // zeros after the sequence
  normed_.resize(std::max(normed_.size(), std::size_t(rows) * block.channels()));
  hidden_.resize(std::max(hidden_.size(), std::size_t(rows) * block.expand.row_size()));
  kernels::depthwise_norm(depthwise, window.row(0), rows, normed_.data());  // [rows, C]
  pointwise(block.expand, normed_.data(), rows, hidden_.data(), kernels::Epilogue::kGelu,
            rounded_);  // [rows, ff]
  float* out = windows_[index + 1].append(rows);
  std::copy_n(window.row(reach), std::size_t(rows) * block.channels(), out);               // the residual
  pointwise(block.project, hidden_.data(), rows, out, kernels::Epilogue::kAdd, rounded_);  // [rows, C]
  window.drop_front(rows);
}

}  // namespace antiphon::models::torch
