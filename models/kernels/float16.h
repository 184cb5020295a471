#pragma once

#include <bit>
#include <cstdint>

namespace antiphon::models::kernels {

// IEEE 754 binary16 in memory: what GGUF stores its scales in, and a half-size key-value cache.
using Float16 = std::uint16_t;

// Exact for every value; not-a-number stays one.
constexpr float to_float(Float16 half) {
  const auto sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t rest = half & 0x7fffu;
  if (rest >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
  if (rest >= 0x0400u) return std::bit_cast<float>(sign | ((rest << 13) + (112u << 23)));
  // Zero or subnormal: the fraction counts units of 2^-24.
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(static_cast<float>(rest) * 0x1p-24f));
}

// To the nearest, ties to even; beyond 65504 to infinity.
constexpr Float16 to_float16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<Float16>(bits >> 16 & 0x8000u);
  const std::uint32_t rest = bits & 0x7fffffffu;
  if (rest > 0x7f800000u) return static_cast<Float16>(sign | 0x7e00u);
  if (rest >= 0x477ff000u) return static_cast<Float16>(sign | 0x7c00u);
  if (rest < 0x38800000u) {
    // Adding 0.5 leaves the rounded count of 2^-24 in the low bits of the sum.
    const float aligned = std::bit_cast<float>(rest) + 0.5f;
    return static_cast<Float16>(sign | (std::bit_cast<std::uint32_t>(aligned) - 0x3f000000u));
  }
  const std::uint32_t odd = rest >> 13 & 1u;
  return static_cast<Float16>(sign | ((rest + 0xfffu + odd - (112u << 23)) >> 13));
}

}  // namespace antiphon::models::kernels
