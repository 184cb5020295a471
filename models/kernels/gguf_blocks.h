// The block formats in which GGUF files store weights: blocks of 32 or 256 consecutive inputs of one output.
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (file), ggml-common.h (blocks)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/kernels/float16.h"

namespace antiphon::models::kernels {

enum class BlockType : std::uint8_t {
  kF32,
  kF16,
  kBf16,
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ8_0,
  kQ4_K,
  kQ5_K,
  kQ6_K
};

// Values in one block (1 for the float types); a row's length must be a multiple of it.
int columns_of_block(BlockType type);
std::size_t bytes_of_block(BlockType type);
// REQUIRES: columns is a multiple of columns_of_block(type).
std::size_t bytes_of_row(BlockType type, int columns);

// The values of consecutive blocks: of one row, or of many.
// REQUIRES: out is a whole number of blocks, and bytes has exactly those.
void dequantise(BlockType type, std::span<const std::byte> bytes, std::span<float> out);

// One block taken apart: the integers in order and what turns them into values.
struct DecodedBlock {
  std::array<std::uint8_t, 256> codes;  // Q8_0: two's complement
  Float16 scale = 0;
  Float16 min = 0;                        // Q4_1, Q5_1: added; Q4_K, Q5_K: times mins[g], subtracted
  std::array<std::uint8_t, 16> scales{};  // Q4_K, Q5_K: of 32 values each; Q6_K: of 16, two's complement
  std::array<std::uint8_t, 8> mins{};     // Q4_K, Q5_K: of 32 values each
};
// REQUIRES: a quantised type, and bytes_of_block(type) bytes.
void decode_block(BlockType type, const std::byte* bytes, DecodedBlock& block);

}  // namespace antiphon::models::kernels
