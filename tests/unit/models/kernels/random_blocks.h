// Random weights in GGUF's block formats, for the tests of the kernels.
#pragma once

#include <cstddef>
#include <random>
#include <vector>

#include "models/kernels/gguf_blocks.h"
#include "models/kernels/processor.h"

namespace antiphon::models::kernels {

inline constexpr BlockType kQuantisedTypes[] = {BlockType::kQ4_0, BlockType::kQ4_1, BlockType::kQ5_0,
                                                BlockType::kQ5_1, BlockType::kQ8_0, BlockType::kQ4_K,
                                                BlockType::kQ5_K, BlockType::kQ6_K};

// Blocks whose codes and inner scales are random bits (or all ones), and whose outer scales are small.
std::vector<std::byte> random_blocks(BlockType type, std::size_t blocks, bool all_ones, std::mt19937& random);

std::vector<float> random_values(std::size_t count, float deviation, std::mt19937& random);

std::vector<float> dequantised(BlockType type, const std::vector<std::byte>& bytes);

// Runs with a variant while it lives.
class WithVariant {
 public:
  explicit WithVariant(Variant variant) : before_(active_variant()) { use_variant(variant); }
  ~WithVariant() { use_variant(before_); }
  WithVariant(const WithVariant&) = delete;
  WithVariant& operator=(const WithVariant&) = delete;

 private:
  Variant before_;
};

}  // namespace antiphon::models::kernels
