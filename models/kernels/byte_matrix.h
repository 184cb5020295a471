#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/byte_products.h"
#include "models/kernels/pointwise_call.h"

namespace antiphon::models::kernels {

class ByteMatrix;

// Rows of activations in 8 bits, each with a step and a zero of its own, the left side of a product with
// ByteMatrix. Kept by the caller to be used again without allocation.
class ByteRows {
 public:
  int count() const { return static_cast<int>(steps_.size()); }

 private:
  friend class ByteMatrix;
  std::vector<std::uint8_t> values_;   // [count, inputs]
  std::vector<float> steps_;           // [count]
  std::vector<std::int32_t> offsets_;  // [count]: minus the value that stands for 0
};

// y = x W^T + b with w[n][k] = q[n][k] * scale[n], q in 8 bits, and each row of x rounded to the 256 steps
// between its least and its greatest value: an error of up to 1/510 of that range, so only for networks that
// bear it. With the processor's products of 8 bits (VNNI) twice as fast as Int8Matrix. The integer part is
// exact: every processor gets the same result to the last rounding in f32.
//
// Owner:  any thread; immutable after construction.
// Memory: one byte for each weight; its own copy.
class ByteMatrix {
 public:
  ByteMatrix() = default;
  // weights: [outputs, inputs]; scales: [outputs]; inputs is a multiple of 4, at most 60000.
  ByteMatrix(int outputs, int inputs, std::span<const std::int8_t> weights, std::vector<float> scales);

  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }

  // x: `count` rows of inputs() floats, `stride` floats apart, so that they may overlap.
  void round(const float* x, int count, std::ptrdiff_t stride, ByteRows& rows) const;
  // out: [rows.count(), outputs], taken by the epilogue; bias: [outputs] or empty. REQUIRES: rows were
  // rounded by a matrix of as many inputs.
  void multiply(const ByteRows& rows, std::span<const float> bias, float* out,
                Epilogue epilogue = Epilogue::kStore) const;

 private:
  std::size_t index(int output, int input) const;

  int outputs_ = 0;
  int inputs_ = 0;
  std::vector<std::int8_t> panels_;  // [outputs / kBytePanel rounded up, inputs / 4, kBytePanel, 4]
  std::vector<float> scales_;        // [outputs]
  std::vector<float> row_weights_;   // [outputs]: an output's scale times the sum of its weights
};

}  // namespace antiphon::models::kernels
