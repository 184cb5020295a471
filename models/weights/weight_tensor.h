#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "models/kernels/gguf_blocks.h"
#include "models/weights/gguf.h"

namespace antiphon::models {

// A matrix of weights (or a vector: one row) in a mapped file, in a format that the kernels know.
struct WeightTensor {
  kernels::BlockType type = kernels::BlockType::kF32;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::span<const std::byte> bytes;  // row after row; valid as long as the file lives
};

// The kernels' name for a type of GGUF's, if they read it.
std::optional<kernels::BlockType> block_type_of(GgufType type);

// Row `row` as f32, exactly as its blocks define it.
// REQUIRES: 0 <= row < tensor.rows, out.size() == tensor.columns.
void read_row(const WeightTensor& tensor, std::int64_t row, std::span<float> out);

}  // namespace antiphon::models
