#pragma once

#include <span>
#include <vector>

namespace antiphon::models {

// Rotary position embedding over interleaved pairs: at position p the pair (x[2i], x[2i+1]) turns by
// p * theta^(-2i / dim). Dimensions from `dim` on are left alone. https://arxiv.org/abs/2104.09864
//
// Owner: any thread; immutable after construction.
class RotaryTable {
 public:
  RotaryTable(int positions, int dim, double theta);

  int positions() const { return positions_; }
  // REQUIRES: 0 <= position < positions(). `row` holds `heads` heads of `head_dim` each, side by side.
  void turn(std::span<float> row, int heads, int position) const;

 private:
  int positions_;
  int pairs_;
  std::vector<float> cosines_, sines_;  // [positions, pairs]
};

}  // namespace antiphon::models
