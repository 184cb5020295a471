#pragma once

#include <cstdint>

namespace antiphon::models::torch {

// How a network's matrix products run. kInt8 keeps the weights in 8 bits, in a quarter of the memory, and
// rounds each row of a layer's inputs to 8 bits or to 13 and more, by the layer (pre_norm_layer.h). kF32
// computes with dequantised weights and is the measure for parity.
enum class Precision : std::uint8_t { kInt8, kF32 };

}  // namespace antiphon::models::torch
