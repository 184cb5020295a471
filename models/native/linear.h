#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "models/kernels/quantised_activations.h"
#include "models/kernels/quantised_matrix.h"
#include "models/weights/weight_tensor.h"

namespace antiphon::models {

// Weights and inputs of a product.
enum class Arithmetic {
  kQuantised,  // the file's own blocks (floats rounded to 8 bits), inputs rounded to 8 bits: what a server
               // runs
  kF32         // everything widened to f32: exact, slow and large, for checking the other
};

// Rows of inputs for Linear::multiply(), in the form that the arithmetic needs.
//
// Memory: all of it is allocated in the constructor.
class LinearInput {
 public:
  LinearInput(int rows_max, int columns_max, Arithmetic arithmetic);

  // (rows, columns), dense: write here, then call seal() before multiplying.
  float* begin(int rows, int columns);
  void seal();

  int rows() const { return rows_; }
  int columns() const { return columns_; }

 private:
  friend class Linear;

  int rows_ = 0;
  int columns_ = 0;
  std::vector<float> values_;
  std::optional<kernels::QuantisedActivations> quantised_;  // in kQuantised
};

// The rows of some tensors, stacked to one matrix W: out = in W^T. Keeps nothing of the tensors' bytes.
//
// Owner: any thread; immutable after construction.
class Linear {
 public:
  // REQUIRES: each tensor has `columns` columns.
  Linear(std::span<const WeightTensor> tensors, int columns, Arithmetic arithmetic);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  std::size_t bytes() const;

  // Multiplying is fastest from a multiple of this on.
  static constexpr int kTileRows = kernels::kTileOutputs;

  // out[i * out_stride + r] = in[i] . W[r] for first <= r < last and every row i of the input.
  void multiply(const LinearInput& in, int first, int last, float* out, int out_stride) const;

 private:
  void widen(std::span<const WeightTensor> tensors);
  void multiply_f32(const LinearInput& in, int first, int last, float* out, int out_stride) const;

  int rows_ = 0;
  int columns_ = 0;
  std::optional<kernels::QuantisedMatrix> quantised_;  // in kQuantised
  std::vector<float> values_;                          // (rows, columns) in kF32
};

}  // namespace antiphon::models
