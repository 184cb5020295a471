#include "models/native/rotary_table.h"

#include <cassert>
#include <cmath>
#include <cstddef>

namespace antiphon::models {

RotaryTable::RotaryTable(int positions, int dim, double theta) : positions_(positions), pairs_(dim / 2) {
  assert(positions > 0 && dim > 0 && dim % 2 == 0);
  turns_.reserve(static_cast<std::size_t>(positions) * static_cast<std::size_t>(pairs_));
  for (int position = 0; position < positions; ++position) {
    for (int pair = 0; pair < pairs_; ++pair) {
      const double angle = position * std::pow(theta, -2.0 * pair / dim);
      turns_.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
    }
  }
}

void RotaryTable::turn(std::span<float> row, int heads, int position) const {
  assert(position >= 0 && position < positions_);
  const Turn* turns = &turns_[static_cast<std::size_t>(position) * static_cast<std::size_t>(pairs_)];
  const std::size_t head_dim = row.size() / static_cast<std::size_t>(heads);
  for (int head = 0; head < heads; ++head) {
    float* x = row.data() + static_cast<std::size_t>(head) * head_dim;
    for (int pair = 0; pair < pairs_; ++pair) {
      const float a = x[2 * pair];
      const float b = x[2 * pair + 1];
      x[2 * pair] = a * turns[pair].cosine - b * turns[pair].sine;
      x[2 * pair + 1] = b * turns[pair].cosine + a * turns[pair].sine;
    }
  }
}

}  // namespace antiphon::models
