// Fills a unit's table with its own two functions and those that all units have in common (see
// simd_vector_ops.h).
#pragma once

#include "models/kernels/kernel_table.h"
#include "models/kernels/simd_attention.h"
#include "models/kernels/simd_pointwise.h"
#include "models/kernels/simd_vector_ops.h"

namespace antiphon::models::kernels {

template <class V>
constexpr KernelTable make_kernel_table(void (*multiply)(const TileCall&),
                                        void (*quantise)(const QuantiseCall&)) {
  using Ops = VectorOps<V>;
  return {.multiply = multiply,
          .quantise = quantise,
          .pointwise = Pointwise<V>::pointwise,
          .finish = IntegerFinish<V>::finish,
          .attend_f16 = Attention<V, std::uint16_t>::attend,
          .attend_f32 = Attention<V, float>::attend,
          .rms_norm = Ops::rms_norm,
          .layer_norm = Ops::layer_norm,
          .silu_multiply = Ops::silu_multiply,
          .gelu = Ops::gelu,
          .exponential = Ops::exponential,
          .softmax = Ops::softmax,
          .dot = Ops::dot,
          .add = Ops::add,
          .add_scaled = Ops::add_scaled,
          .rotate_pairs = Ops::rotate_pairs,
          .rotate_halves = Ops::rotate_halves,
          .argmax = Ops::argmax,
          .widen = Ops::widen,
          .narrow = Ops::narrow};
}

}  // namespace antiphon::models::kernels
