#include "models/kernels/sequence_attention.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <span>

#include "models/kernels/f32_kernels.h"
#include "models/kernels/vector_ops.h"

namespace antiphon::models::kernels {
namespace {

constexpr int kQueries = 24;  // of a block: its scores and one panel of values stay in the first cache

int whole_panels(int outputs) {
  return (outputs + kF32Panel - 1) / kF32Panel * kF32Panel;
}

std::size_t product(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

SequenceAttention::SequenceAttention(int heads, int head_size)
    : heads_(heads), head_size_(head_size), padded_size_(whole_panels(head_size)) {
  assert(heads > 0 && head_size > 0);
  sums_.resize(product(kQueries, padded_size_));
}

std::size_t SequenceAttention::head_keys() const {
  return product(padded_length_, head_size_);
}

std::size_t SequenceAttention::head_values() const {
  return product(length_, padded_size_);
}

void SequenceAttention::read(const float* keys, const float* values, std::ptrdiff_t stride, int length) {
  assert(length > 0);
  length_ = length;
  padded_length_ = whole_panels(length);
  keys_.resize(static_cast<std::size_t>(heads_) * head_keys());
  values_.resize(static_cast<std::size_t>(heads_) * head_values());
  zeros_.resize(static_cast<std::size_t>(std::max(padded_length_, padded_size_)));
  scores_.resize(product(kQueries, padded_length_));
  for (int head = 0; head < heads_; ++head) read_head(keys, values, stride, head);
}

void SequenceAttention::read_head(const float* keys, const float* values, std::ptrdiff_t stride, int head) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_size_));
  float* packed = &keys_[static_cast<std::size_t>(head) * head_keys()];
  for (int first = 0; first < length_; first += kF32Panel, packed += kF32Panel * head_size_) {
    const int filled = std::min(kF32Panel, length_ - first);
    const float* rows = keys + first * stride + head * head_size_;
    for (int d = 0; d < head_size_; ++d) {
      float* panel_row = packed + d * kF32Panel;
      for (int p = 0; p < filled; ++p) panel_row[p] = rows[p * stride + d] * scale;
      std::fill(panel_row + filled, panel_row + kF32Panel, 0.0F);
    }
  }
  packed = &values_[static_cast<std::size_t>(head) * head_values()];
  for (int d = 0; d < padded_size_; d += kF32Panel) {
    const int filled = std::min(kF32Panel, head_size_ - d);
    const float* row = values + head * head_size_ + d;
    for (int p = 0; p < length_; ++p, row += stride, packed += kF32Panel) {
      std::fill(std::copy_n(row, filled, packed), packed + kF32Panel, 0.0F);
    }
  }
}

void SequenceAttention::attend(const float* queries, std::ptrdiff_t stride, int count, float* out,
                               std::ptrdiff_t out_stride) {
  assert(length_ > 0);
  for (int first = 0; first < count; first += kQueries) {
    const int block = std::min(kQueries, count - first);
    for (int head = 0; head < heads_; ++head) {
      attend_head(queries + first * stride, stride, block, head, out + first * out_stride, out_stride);
    }
  }
}

void SequenceAttention::attend_head(const float* queries, std::ptrdiff_t stride, int count, int head,
                                    float* out, std::ptrdiff_t out_stride) {
  std::array<const float*, kQueries> in{};
  std::array<float*, kQueries> scores{}, sums{};
  for (int m = 0; m < count; ++m) {
    const auto at = static_cast<std::size_t>(m);
    in[at] = queries + m * stride + head * head_size_;
    scores[at] = &scores_[product(m, padded_length_)];
    sums[at] = &sums_[product(m, padded_size_)];
  }
  const auto rows = static_cast<std::size_t>(count);
  const F32Kernels& kernels = f32_kernels();
  kernels.matrix({.panels = &keys_[static_cast<std::size_t>(head) * head_keys()],
                  .bias = zeros_.data(),
                  .inputs = head_size_,
                  .outputs = padded_length_,
                  .in = std::span(in).first(rows),
                  .out = scores.data()});
  for (std::size_t m = 0; m < rows; ++m) {
    softmax({scores[m], static_cast<std::size_t>(length_)});
    in[m] = scores[m];
  }
  kernels.matrix({.panels = &values_[static_cast<std::size_t>(head) * head_values()],
                  .bias = zeros_.data(),
                  .inputs = length_,
                  .outputs = padded_size_,
                  .in = std::span(in).first(rows),
                  .out = sums.data()});
  for (int m = 0; m < count; ++m) {
    std::copy_n(sums[static_cast<std::size_t>(m)], head_size_, out + m * out_stride + head * head_size_);
  }
}

}  // namespace antiphon::models::kernels
