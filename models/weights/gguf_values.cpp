#include "models/weights/gguf_values.h"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstring>

namespace antiphon::models {
namespace {

using Bytes = const std::uint8_t*;

template <class Number>
Number load(Bytes bytes) {
  Number value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

float load_half(Bytes bytes) {
  return float_of_half(load<std::uint16_t>(bytes));
}

// Blocks of 32 numbers of 4 bits: number i in the low half of byte i, number i + 16 in the high half.
template <class Value>
void nibbles(Bytes quants, float* out, Value value) {
  for (int i = 0; i < 16; ++i) {
    out[i] = value(quants[i] & 15, i);
    out[i + 16] = value(quants[i] >> 4, i + 16);
  }
}

void q4_0(Bytes block, float* out) {
  const float scale = load_half(block);
  nibbles(block + 2, out, [&](int q, int) { return scale * static_cast<float>(q - 8); });
}

void q4_1(Bytes block, float* out) {
  const float scale = load_half(block), least = load_half(block + 2);
  nibbles(block + 4, out, [&](int q, int) { return scale * static_cast<float>(q) + least; });
}

void q5_0(Bytes block, float* out) {
  const float scale = load_half(block);
  const auto high = load<std::uint32_t>(block + 2);
  nibbles(block + 6, out, [&](int q, int i) {
    return scale * static_cast<float>((q | static_cast<int>(high >> i & 1) << 4) - 16);
  });
}

void q5_1(Bytes block, float* out) {
  const float scale = load_half(block), least = load_half(block + 2);
  const auto high = load<std::uint32_t>(block + 4);
  nibbles(block + 8, out, [&](int q, int i) {
    return scale * static_cast<float>(q | static_cast<int>(high >> i & 1) << 4) + least;
  });
}

void q8_0(Bytes block, float* out) {
  const float scale = load_half(block);
  for (int i = 0; i < 32; ++i) out[i] = scale * static_cast<float>(static_cast<std::int8_t>(block[2 + i]));
}

// The 6-bit scale and minimum of group `group` of 32, packed in 12 bytes.
struct GroupScale {
  float scale;
  float least;
};
GroupScale group_scale(Bytes packed, int group) {
  if (group < 4) return {static_cast<float>(packed[group] & 63), static_cast<float>(packed[group + 4] & 63)};
  const int low = packed[group + 4];
  return {static_cast<float>((low & 15) | (packed[group - 4] >> 6) << 4),
          static_cast<float>(low >> 4 | (packed[group] >> 6) << 4)};
}

// Q4_K and Q5_K: 8 groups of 32; groups 2j and 2j + 1 share 32 bytes; `high` (or null) holds the fifth bits.
void q45_k(Bytes block, Bytes high, Bytes quants, float* out) {
  const float scale = load_half(block), least = load_half(block + 2);
  for (int group = 0; group < 8; ++group) {
    const GroupScale factors = group_scale(block + 4, group);
    for (int i = 0; i < 32; ++i) {
      int q = quants[group / 2 * 32 + i] >> group % 2 * 4 & 15;
      if (high != nullptr) q |= (high[i] >> group & 1) << 4;
      out[group * 32 + i] = scale * factors.scale * static_cast<float>(q) - least * factors.least;
    }
  }
}

void q4_k(Bytes block, float* out) {
  q45_k(block, nullptr, block + 16, out);
}

void q5_k(Bytes block, float* out) {
  q45_k(block, block + 16, block + 48, out);
}

// 16 groups of 16 with 8-bit scales; the low 4 bits come first, then the high 2.
void q6_k(Bytes block, float* out) {
  const Bytes low = block, high = block + 128, scales = block + 192;
  const float scale = load_half(block + 208);
  for (int i = 0; i < 256; ++i) {
    const int half = i / 128, quarter = i % 128 / 32, column = i % 32;
    const int q = (low[half * 64 + quarter % 2 * 32 + column] >> quarter / 2 * 4 & 15) |
                  (high[half * 32 + column] >> quarter * 2 & 3) << 4;
    out[i] =
        scale * static_cast<float>(static_cast<std::int8_t>(scales[i / 16])) * static_cast<float>(q - 32);
  }
}

void f32(Bytes block, float* out) {
  *out = load<float>(block);
}

void f16(Bytes block, float* out) {
  *out = load_half(block);
}

void bf16(Bytes block, float* out) {
  *out = std::bit_cast<float>(std::uint32_t{load<std::uint16_t>(block)} << 16);
}

using ReadBlock = void (*)(Bytes block, float* out);

ReadBlock reader_of(GgufType type) {
  switch (type) {
    case GgufType::kF32:
      return f32;
    case GgufType::kF16:
      return f16;
    case GgufType::kBf16:
      return bf16;
    case GgufType::kQ4_0:
      return q4_0;
    case GgufType::kQ4_1:
      return q4_1;
    case GgufType::kQ5_0:
      return q5_0;
    case GgufType::kQ5_1:
      return q5_1;
    case GgufType::kQ8_0:
      return q8_0;
    case GgufType::kQ4K:
      return q4_k;
    case GgufType::kQ5K:
      return q5_k;
    case GgufType::kQ6K:
      return q6_k;
    default:
      return nullptr;
  }
}

}  // namespace

float float_of_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t exponent = bits >> 10 & 31;
  const std::uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {  // zero and subnormals: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

bool has_values(GgufType type) {
  return reader_of(type) != nullptr;
}

void read_row(const GgufTensor& tensor, std::int64_t row, std::span<float> out) {
  assert(row >= 0 && row < tensor.rows() && out.size() == static_cast<std::size_t>(tensor.columns()));
  const ReadBlock read = reader_of(tensor.type);
  assert(read != nullptr);
  const GgufBlock& block = gguf_block(tensor.type);
  const std::int64_t blocks = tensor.columns() / block.elements;
  Bytes bytes = reinterpret_cast<Bytes>(tensor.bytes.data()) + row * blocks * block.bytes;
  for (std::int64_t i = 0; i < blocks; ++i) read(bytes + i * block.bytes, out.data() + i * block.elements);
}

}  // namespace antiphon::models
