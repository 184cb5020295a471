#pragma once

#include <cstdint>

namespace antiphon::models::torch {

// How a network's matrix products run. kInt8 keeps the weights in 8 bits and rounds each row of activations
// to 13 bits or more (kernels::Int8Matrix): about twice as fast, a quarter of the memory. kF32 computes with
// dequantised weights and is the measure for parity.
enum class Precision : std::uint8_t { kInt8, kF32 };

}  // namespace antiphon::models::torch
