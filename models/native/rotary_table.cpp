#include "models/native/rotary_table.h"

#include <cassert>
#include <cmath>
#include <cstddef>

#include "models/kernels/vector_ops.h"

namespace antiphon::models {

RotaryTable::RotaryTable(int positions, int dim, double theta) : positions_(positions), pairs_(dim / 2) {
  assert(positions > 0 && dim > 0 && dim % 2 == 0);
  cosines_.reserve(static_cast<std::size_t>(positions) * static_cast<std::size_t>(pairs_));
  sines_.reserve(cosines_.capacity());
  for (int position = 0; position < positions; ++position) {
    for (int pair = 0; pair < pairs_; ++pair) {
      const double angle = position * std::pow(theta, -2.0 * pair / dim);
      cosines_.push_back(static_cast<float>(std::cos(angle)));
      sines_.push_back(static_cast<float>(std::sin(angle)));
    }
  }
}

void RotaryTable::turn(std::span<float> row, int heads, int position) const {
  assert(position >= 0 && position < positions_);
  const auto pairs = static_cast<std::size_t>(pairs_);
  const std::size_t at = static_cast<std::size_t>(position) * pairs;
  const std::size_t head_dim = row.size() / static_cast<std::size_t>(heads);
  for (int head = 0; head < heads; ++head) {
    kernels::rotate_pairs(row.data() + static_cast<std::size_t>(head) * head_dim, {&cosines_[at], pairs},
                          &sines_[at]);
  }
}

}  // namespace antiphon::models
