#include "tests/unit/models/kernels/random_blocks.h"

#include <cstring>

namespace antiphon::models::kernels {
namespace {

void put_half(std::byte* at, float value) {
  const Float16 half = to_float16(value);
  std::memcpy(at, &half, sizeof half);
}

bool has_second_scale(BlockType type) {
  return type == BlockType::kQ4_1 || type == BlockType::kQ5_1 || type == BlockType::kQ4_K ||
         type == BlockType::kQ5_K;
}

}  // namespace

std::vector<std::byte> random_blocks(BlockType type, std::size_t blocks, bool all_ones,
                                     std::mt19937& random) {
  const std::size_t size = bytes_of_block(type);
  std::vector<std::byte> bytes(blocks * size);
  for (std::byte& byte : bytes) byte = all_ones ? std::byte{255} : static_cast<std::byte>(random() & 255);
  std::uniform_real_distribution<float> scales(0.001f, 0.02f);
  for (std::size_t b = 0; b < blocks; ++b) {
    std::byte* block = bytes.data() + b * size;
    put_half(type == BlockType::kQ6_K ? block + size - 2 : block, scales(random));
    if (has_second_scale(type)) put_half(block + 2, scales(random) - 0.01f);
  }
  return bytes;
}

std::vector<float> random_values(std::size_t count, float deviation, std::mt19937& random) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<float> dequantised(BlockType type, const std::vector<std::byte>& bytes) {
  std::vector<float> values(bytes.size() / bytes_of_block(type) *
                            static_cast<std::size_t>(columns_of_block(type)));
  dequantise(type, bytes, values);
  return values;
}

}  // namespace antiphon::models::kernels
