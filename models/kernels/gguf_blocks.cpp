#include "models/kernels/gguf_blocks.h"

#include <cassert>
#include <cstring>

namespace antiphon::models::kernels {
namespace {

constexpr int kSmallBlock = 32;
constexpr int kSuperBlock = 256;

using Bytes = const std::uint8_t*;

Float16 read_half(Bytes bytes) {
  return static_cast<Float16>(bytes[0] | bytes[1] << 8);
}

// Values 0..15 in the low and 16..31 in the high halves of 16 bytes; bit i of `high` is value i's fifth bit.
void decode_32(Bytes nibbles, std::uint32_t high, std::uint8_t* codes) {
  for (int i = 0; i < 16; ++i) {
    codes[i] = static_cast<std::uint8_t>((nibbles[i] & 15) | (high >> i & 1) << 4);
    codes[i + 16] = static_cast<std::uint8_t>(nibbles[i] >> 4 | (high >> (i + 16) & 1) << 4);
  }
}

std::uint32_t read_bits(Bytes bytes) {
  std::uint32_t bits;
  std::memcpy(&bits, bytes, sizeof bits);
  return bits;
}

// Eight pairs of 6-bit scale and min in 12 bytes: the first four pairs lie in the low six bits of bytes 0..7,
// whose top two bits and bytes 8..11 make up the others.
void decode_pairs(Bytes packed, DecodedBlock& block) {
  for (int g = 0; g < 4; ++g) {
    block.scales[g] = packed[g] & 63;
    block.mins[g] = packed[g + 4] & 63;
    block.scales[g + 4] = static_cast<std::uint8_t>((packed[g + 8] & 15) | packed[g] >> 6 << 4);
    block.mins[g + 4] = static_cast<std::uint8_t>(packed[g + 8] >> 4 | packed[g + 4] >> 6 << 4);
  }
}

// Q4_K, and with the fifth bits Q5_K: each 32 bytes hold two groups, in their low and high halves; bit g of
// high[i] belongs to value i of group g.
void decode_super(Bytes nibbles, Bytes high, std::uint8_t* codes) {
  for (int g = 0; g < 8; ++g, codes += 32) {
    Bytes from = nibbles + g / 2 * 32;
    const int shift = g % 2 * 4;
    for (int i = 0; i < 32; ++i) codes[i] = static_cast<std::uint8_t>(from[i] >> shift & 15);
    if (high == nullptr) continue;
    for (int i = 0; i < 32; ++i) codes[i] |= static_cast<std::uint8_t>((high[i] >> g & 1) << 4);
  }
}

// Q6_K: two halves of 128 values, each four runs of 32: bits 4 and 5 of run r at bit 2r of 32 bytes.
void decode_q6(Bytes nibbles, Bytes high, std::uint8_t* codes) {
  for (int half = 0; half < 2; ++half, nibbles += 64, high += 32) {
    for (int run = 0; run < 4; ++run, codes += 32) {
      Bytes from = nibbles + run % 2 * 32;
      for (int i = 0; i < 32; ++i) {
        const int low = from[i] >> (run / 2 * 4) & 15;
        codes[i] = static_cast<std::uint8_t>(low | (high[i] >> (2 * run) & 3) << 4);
      }
    }
  }
}

void dequantise_block(BlockType type, const DecodedBlock& block, float* out) {
  const float scale = to_float(block.scale);
  const float min = to_float(block.min);
  const int columns = columns_of_block(type);
  for (int i = 0; i < columns; ++i) {
    const auto code = static_cast<float>(block.codes[i]);
    switch (type) {
      case BlockType::kQ4_0:
        out[i] = (code - 8) * scale;
        break;
      case BlockType::kQ5_0:
        out[i] = (code - 16) * scale;
        break;
      case BlockType::kQ4_1:
      case BlockType::kQ5_1:
        out[i] = code * scale + min;
        break;
      case BlockType::kQ8_0:
        out[i] = static_cast<float>(static_cast<std::int8_t>(block.codes[i])) * scale;
        break;
      case BlockType::kQ6_K:
        out[i] = scale * static_cast<float>(static_cast<std::int8_t>(block.scales[i / 16])) * (code - 32);
        break;
      default:
        out[i] = scale * static_cast<float>(block.scales[i / 32]) * code -
                 min * static_cast<float>(block.mins[i / 32]);
    }
  }
}

void widen_f16(std::span<const std::byte> bytes, std::span<float> out) {
  const auto* at = reinterpret_cast<Bytes>(bytes.data());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = to_float(read_half(at + 2 * i));
}

void widen_bf16(std::span<const std::byte> bytes, std::span<float> out) {
  const auto* at = reinterpret_cast<Bytes>(bytes.data());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(read_half(at + 2 * i)) << 16);
}

}  // namespace

int columns_of_block(BlockType type) {
  switch (type) {
    case BlockType::kF32:
    case BlockType::kF16:
    case BlockType::kBf16:
      return 1;
    case BlockType::kQ4_K:
    case BlockType::kQ5_K:
    case BlockType::kQ6_K:
      return kSuperBlock;
    default:
      return kSmallBlock;
  }
}

std::size_t bytes_of_block(BlockType type) {
  switch (type) {
    case BlockType::kF32:
      return 4;
    case BlockType::kF16:
    case BlockType::kBf16:
      return 2;
    case BlockType::kQ4_0:
      return 2 + 16;
    case BlockType::kQ4_1:
      return 4 + 16;
    case BlockType::kQ5_0:
      return 2 + 4 + 16;
    case BlockType::kQ5_1:
      return 4 + 4 + 16;
    case BlockType::kQ8_0:
      return 2 + 32;
    case BlockType::kQ4_K:
      return 4 + 12 + 128;
    case BlockType::kQ5_K:
      return 4 + 12 + 32 + 128;
    case BlockType::kQ6_K:
      return 128 + 64 + 16 + 2;
  }
  return 0;
}

std::size_t bytes_of_row(BlockType type, int columns) {
  assert(columns % columns_of_block(type) == 0);
  return static_cast<std::size_t>(columns / columns_of_block(type)) * bytes_of_block(type);
}

void decode_block(BlockType type, const std::byte* bytes, DecodedBlock& block) {
  const auto* at = reinterpret_cast<Bytes>(bytes);
  std::uint8_t* codes = block.codes.data();
  block.scale = read_half(type == BlockType::kQ6_K ? at + 208 : at);
  block.min = read_half(at + 2);  // of the types that have one
  switch (type) {
    case BlockType::kQ4_0:
      decode_32(at + 2, 0, codes);
      break;
    case BlockType::kQ4_1:
      decode_32(at + 4, 0, codes);
      break;
    case BlockType::kQ5_0:
      decode_32(at + 6, read_bits(at + 2), codes);
      break;
    case BlockType::kQ5_1:
      decode_32(at + 8, read_bits(at + 4), codes);
      break;
    case BlockType::kQ8_0:
      std::memcpy(codes, at + 2, kSmallBlock);
      break;
    case BlockType::kQ4_K:
      decode_pairs(at + 4, block);
      decode_super(at + 16, nullptr, codes);
      break;
    case BlockType::kQ5_K:
      decode_pairs(at + 4, block);
      decode_super(at + 48, at + 16, codes);
      break;
    case BlockType::kQ6_K:
      std::memcpy(block.scales.data(), at + 192, 16);
      decode_q6(at, at + 128, codes);
      break;
    default:
      assert(!"a quantised type");
  }
}

void dequantise(BlockType type, std::span<const std::byte> bytes, std::span<float> out) {
  const int columns = columns_of_block(type);
  const std::size_t blocks = out.size() / static_cast<std::size_t>(columns);
  assert(out.size() % static_cast<std::size_t>(columns) == 0 &&
         bytes.size() == blocks * bytes_of_block(type));
  if (type == BlockType::kF32) return static_cast<void>(std::memcpy(out.data(), bytes.data(), bytes.size()));
  if (type == BlockType::kF16) return widen_f16(bytes, out);
  if (type == BlockType::kBf16) return widen_bf16(bytes, out);
  DecodedBlock block;
  for (std::size_t b = 0; b < blocks; ++b) {
    decode_block(type, bytes.data() + b * bytes_of_block(type), block);
    dequantise_block(type, block, out.data() + b * static_cast<std::size_t>(columns));
  }
}

}  // namespace antiphon::models::kernels
