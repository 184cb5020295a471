#pragma once

#include <cstdint>

namespace antiphon::models::torch {

// How a network's matrix products run. kInt8 keeps the weights in 8 bits, in a quarter of the memory, and
// rounds each row of most layers' inputs to 8 bits where the processor has fast products for them, else to 13
// or more. kF32 computes with dequantised weights and is the measure for parity.
enum class Precision : std::uint8_t { kInt8, kF32 };

}  // namespace antiphon::models::torch
