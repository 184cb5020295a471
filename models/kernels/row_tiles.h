#pragma once

namespace antiphon::models::kernels {

// Of the rows that are left how many the next tile takes: shared out evenly (13 as 7 + 6), because a tile of
// few rows waits for its sums.
inline int rows_of_tile(int left, int most) {
  const int tiles = (left + most - 1) / most;
  return (left + tiles - 1) / tiles;
}

}  // namespace antiphon::models::kernels
