#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {

// Rows of floats that one layer reads: some kept from before, then new ones. Grows, and forgets from the
// front.
class RowWindow {
 public:
  explicit RowWindow(int channels) : channels_(channels) {}

  // Room for `rows` more rows at the end, zeroed; valid until the next call.
  float* append(int rows);
  void drop_front(int rows);
  const float* row(int index) const { return values_.data() + std::size_t(index) * channels_; }
  int rows() const { return static_cast<int>(values_.size()) / channels_; }

 private:
  int channels_;
  std::vector<float> values_;
};

// ConvNeXt blocks one after another over a sequence of rows, computed piece by piece, zeros beyond both ends
// of the sequence. Each block keeps the inputs that its next outputs need, so nothing is computed twice, and
// the result does not depend on the pieces.
//
//   float* row = stack.input(stack.input_missing(until));  // fill these rows, then
//   rows = stack.run(until);                               // the output rows up to `until`
//
// Owner: one thread at a time. Lifetime: the weights must outlive it.
class ConvNextStack {
 public:
  // length: of the sequence. first: the first output row that is wanted; of the rows before it only what it
  // depends on is computed.
  ConvNextStack(std::span<const ConvNextWeights> blocks, std::int64_t length, std::int64_t first);

  // Index of the next row that input() takes.
  std::int64_t next_input() const { return next_input_; }
  // Index of the next output row.
  std::int64_t next_output() const { return made_.back(); }
  // Rows beyond an output row that it depends on.
  int reach() const { return reach_; }

  // How many rows of input must still come before run(until).
  int input_missing(std::int64_t until) const;
  // Room for the next rows of input, zeroed; fill it before run().
  float* input(int rows);
  // Returns the output rows from next_output() to `until`, valid until the next call.
  // REQUIRES: input_missing(until) <= 0; until <= length.
  std::span<const float> run(std::int64_t until);

 private:
  void run_block(std::size_t index, int rows);

  std::span<const ConvNextWeights> blocks_;
  std::int64_t length_;
  std::int64_t next_input_ = 0;
  int reach_ = 0;
  std::vector<RowWindow> windows_;  // each block's input, then the output of the last
  std::vector<std::int64_t> made_;  // for each block the index of its next output row
  kernels::RoundedRows rounded_;
  std::vector<float> normed_;  // [rows, C]
  std::vector<float> hidden_;  // [rows, ff]
};

}  // namespace antiphon::models::torch
