// The inner loops of ByteMatrix: plain C++, and one set for processors with VNNI. AVX2 alone has no product
// of 8 bits whose sums cannot overflow; see fast_byte_products().
#pragma once

#include <cstdint>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {

inline constexpr int kBytePanel = 32;  // outputs that are computed side by side

// sums[m][p] = sum over k of rows[m][k] * panel[k][p] in 32 bits, for one panel of outputs.
struct ByteProductCall {
  const std::int8_t* panel;  // [quads, kBytePanel, 4]: four neighbouring inputs
  const std::uint8_t* rows;  // [count, 4 * quads]
  int quads;                 // inputs / 4
  int count;                 // rows
  std::int32_t* sums;        // [count, kBytePanel]
};

// One row of f32 to 8 bits: row[k] is about (values[k] - zero) * step, and 0 is exact.
struct ByteRoundCall {
  const float* row;
  int inputs;
  std::uint8_t* values;
};
struct RoundedBytes {
  float step;
  std::int32_t zero;
};

struct ByteKernels {
  void (*product)(const ByteProductCall&);
  RoundedBytes (*round)(const ByteRoundCall&);
};

// Whether these products are faster than those of integer_products.h.
bool fast_byte_products(Variant variant = active_variant());
// The results of all variants are equal bit by bit.  REQUIRES: a supported one.
const ByteKernels& byte_kernels(Variant variant = active_variant());

}  // namespace antiphon::models::kernels
