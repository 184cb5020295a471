#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/integer_products.h"
#include "models/kernels/pointwise_call.h"

namespace antiphon::models::kernels {

class Int8Matrix;

// Rows of activations in 16 bits with a step of their own, the left side of a product with Int8Matrix. Kept
// by the caller to be used again without allocation.
class Int16Rows {
 public:
  int count() const { return static_cast<int>(steps_.size()); }

 private:
  friend class Int8Matrix;
  std::vector<std::int16_t> values_;  // [count, inputs]
  std::vector<float> steps_;          // [count]
  std::vector<std::int32_t> sums_;    // [count]
};

// y = x W^T + b with w[n][k] = q[n][k] * scale[n] + offset[n], q in 8 bits. Each row of x is rounded to as
// many steps as the 32-bit sums allow (13 to 15 bits for a few hundred to a few thousand inputs), so that the
// result is close to the product in f32 at the memory traffic of 8 bits. The integer part is exact: every
// processor gets the same result to the last rounding in f32.
//
// Why beside QuantisedMatrix (measured, Moonshine's shapes, AVX-512 and AVX2): its 8-bit activations make the
// products of a base-en decoder step 1.3 times faster (1.5 instead of 1.9 ms, 2.0 instead of 2.6), but those
// of 128 rows, the encoder's case, 1.0 to 1.4 times slower, and single results differed by up to 3 %.
//
// Owner:  any thread; immutable after construction.
// Memory: one byte for each weight; its own copy.
class Int8Matrix {
 public:
  Int8Matrix() = default;
  // weights: [outputs, inputs]; scales, offsets: [outputs]; inputs is even, at most 60000.
  Int8Matrix(int outputs, int inputs, std::span<const std::int8_t> weights, std::vector<float> scales,
             std::vector<float> offsets);

  int outputs() const { return outputs_; }
  int inputs() const { return inputs_; }

  // x: [count, inputs], row m at x + m * stride (rows may overlap: windows of a convolution).
  void round(const float* x, int count, std::ptrdiff_t stride, Int16Rows& rows) const;
  // out: [rows.count(), outputs], taken by the epilogue; bias: [outputs] or empty. REQUIRES: rows were
  // rounded by a matrix of as many inputs.
  void multiply(const Int16Rows& rows, std::span<const float> bias, float* out,
                Epilogue epilogue = Epilogue::kStore) const;

  // Row n of W, for an embedding that is also an output matrix: [inputs].
  void row(int n, float* out) const;

 private:
  std::size_t index(int output, int input) const;

  int outputs_ = 0;
  int inputs_ = 0;
  float levels_ = 0;                     // steps on each side of zero
  std::vector<std::int8_t> panels_;      // [outputs / kIntegerPanel rounded up, inputs / 2, kIntegerPanel, 2]
  std::vector<float> scales_, offsets_;  // [outputs]
};

}  // namespace antiphon::models::kernels
