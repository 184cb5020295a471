// The inner loops of Int8Matrix, one set for each variant of processor.h.
#pragma once

#include <cstdint>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {

inline constexpr int kIntegerPanel = 32;  // outputs that are computed side by side

// sums[m][p] = sum over k of rows[m][k] * panel[k][p] in 32 bits, for one panel of outputs.
struct IntegerProductCall {
  const std::int8_t* panel;  // [pairs, kIntegerPanel, 2]: pairs of neighbouring inputs
  const std::int16_t* rows;  // [count, 2 * pairs]
  int pairs;                 // inputs / 2
  int count;                 // rows
  std::int32_t* sums;        // [count, kIntegerPanel]
};

// One row of f32 to 16 bits: values[k] = round(row[k] * levels / peak), peak = max |row[k]|.
struct RoundCall {
  const float* row;
  int inputs;
  float levels;
  std::int16_t* values;
};
struct Rounded {
  float step;        // row[k] is about values[k] * step
  std::int32_t sum;  // of values
};

struct IntegerKernels {
  void (*product)(const IntegerProductCall&);
  Rounded (*round)(const RoundCall&);
};

// The results of all variants are equal bit by bit.  REQUIRES: a supported one.
const IntegerKernels& integer_kernels(Variant variant = active_variant());

}  // namespace antiphon::models::kernels
