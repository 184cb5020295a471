#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/kernels/tile_layout.h"

namespace antiphon::models::kernels {

// Rows of activations rounded to 8 bits, each 32 consecutive inputs with a scale of their own (their largest
// magnitude over 127, so an error is at most 1/254 of that). Quantise once, multiply with several matrices.
//
// Owner:  one thread at a time.
// Memory: all of it is allocated in the constructor: 1.4 bytes for each input.
class QuantisedActivations {
 public:
  QuantisedActivations(int rows_max, int columns_max);

  // Row r is x[r * stride .. r * stride + columns).  REQUIRES: rows <= rows_max, columns <= columns_max.
  void quantise(const float* x, int rows, int columns, std::ptrdiff_t stride);

  int rows() const { return rows_; }
  int columns() const { return columns_; }
  // Valid until the next quantise().
  ActivationView view() const { return view(0, rows_); }
  ActivationView view(int first_row, int rows) const;

 private:
  int rows_max_;
  int groups_max_;
  int rows_ = 0;
  int columns_ = 0;
  int groups_ = 0;
  std::vector<std::int8_t> codes_;
  std::vector<float> scales_;
  std::vector<float> sums_;
  std::vector<std::int16_t> half_sums_;
};

}  // namespace antiphon::models::kernels
