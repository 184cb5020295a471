#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "models/weights/gguf.h"

namespace antiphon::models {

// Weights and inputs of a product.
enum class Arithmetic {
  kQuantised,  // the file's own blocks, inputs rounded to 8 bits: what a server runs
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
  std::span<const float> values() const { return values_; }

 private:
  int rows_ = 0;
  int columns_ = 0;
  std::vector<float> values_;
};

// The rows of some tensors of a GGUF file, stacked to one matrix W: out = in W^T.
//
// Owner:  any thread; immutable after construction.
// Errors: the constructor throws std::runtime_error that names the file and the tensor.
class Linear {
 public:
  // Each tensor has `columns` columns and any number of rows.
  Linear(const GgufFile& file, std::span<const std::string> tensors, int columns, Arithmetic arithmetic);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  std::size_t bytes() const;

  // out[i * out_stride + r] = in[i] . W[r] for first <= r < last and every row i of the input.
  void multiply(const LinearInput& in, int first, int last, float* out, int out_stride) const;

 private:
  int rows_ = 0;
  int columns_ = 0;
  std::vector<float> values_;  // (rows, columns) in kF32
};

}  // namespace antiphon::models
