#pragma once

#include <cstdint>
#include <span>

#include "models/weights/gguf.h"

namespace antiphon::models {

// Whether rows of this type can be read as floats: F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K,
// Q6_K.
bool has_values(GgufType type);

// Row `row` of a tensor as f32, exactly as the blocks define it.
// REQUIRES: has_values(tensor.type), 0 <= row < tensor.rows(), out.size() == tensor.columns().
// https://github.com/ggml-org/ggml/blob/master/src/ggml-common.h (block layouts)
void read_row(const GgufTensor& tensor, std::int64_t row, std::span<float> out);

// IEEE 754 binary16, every value including subnormals.
float float_of_half(std::uint16_t bits);

}  // namespace antiphon::models
