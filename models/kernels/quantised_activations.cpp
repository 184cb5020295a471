#include "models/kernels/quantised_activations.h"

#include <cassert>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {
QuantisedActivations::QuantisedActivations(int rows_max, int columns_max)
    : rows_max_(rows_max), groups_max_(groups_of(columns_max)) {
  assert(rows_max > 0 && columns_max > 0);
  const auto rows = static_cast<std::size_t>(rows_max);
  const std::size_t groups = rows * static_cast<std::size_t>(groups_max_);
  codes_.resize(groups * kGroup);
  scales_.resize(groups);
  sums_.resize(groups);
  half_sums_.resize(2 * groups);
}

void QuantisedActivations::quantise(const float* x, int rows, int columns, std::ptrdiff_t stride) {
  assert(rows > 0 && rows <= rows_max_ && columns > 0 && groups_of(columns) <= groups_max_);
  rows_ = rows;
  columns_ = columns;
  groups_ = groups_of(columns);
  const KernelTable& kernels = active_kernels();
  for (int r = 0; r < rows; ++r) {
    const auto at = static_cast<std::size_t>(r) * static_cast<std::size_t>(groups_);
    kernels.quantise({.x = x + r * stride,
                      .columns = columns,
                      .codes = codes_.data() + at * kGroup,
                      .scales = scales_.data() + at,
                      .sums = sums_.data() + at,
                      .half_sums = half_sums_.data() + 2 * at});
  }
}

ActivationView QuantisedActivations::view(int first_row, int rows) const {
  assert(first_row >= 0 && rows >= 0 && first_row + rows <= rows_);
  const auto at = static_cast<std::size_t>(first_row) * static_cast<std::size_t>(groups_);
  return {.rows = rows,
          .groups = groups_,
          .codes = codes_.data() + at * kGroup,
          .scales = scales_.data() + at,
          .sums = sums_.data() + at,
          .half_sums = half_sums_.data() + 2 * at};
}

}  // namespace antiphon::models::kernels
