#include "models/native/attention.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

#include "models/weights/gguf_values.h"

namespace antiphon::models {

void attend(const AttentionCall& call, std::span<float> scratch) {
  const float scale = 1.0f / std::sqrt(static_cast<float>(call.head_size));
  for (int row = 0; row < call.rows; ++row) {
    const int positions = call.first_position + row + 1;
    assert(static_cast<std::size_t>(positions) <= scratch.size());
    for (int head = 0; head < call.heads; ++head) {
      const float* query = call.queries + row * call.query_stride + head * call.head_size;
      float* out = call.out + row * call.out_stride + head * call.head_size;
      float most = -INFINITY;
      for (int p = 0; p < positions; ++p) {
        const std::uint16_t* key = call.keys + static_cast<std::ptrdiff_t>(p) * call.head_size;
        float sum = 0;
        for (int i = 0; i < call.head_size; ++i) sum += query[i] * float_of_half(key[i]);
        scratch[static_cast<std::size_t>(p)] = sum * scale;
        most = std::max(most, sum * scale);
      }
      std::fill_n(out, call.head_size, 0.0f);
      float total = 0;
      for (int p = 0; p < positions; ++p) {
        const float weight = std::exp(scratch[static_cast<std::size_t>(p)] - most);
        total += weight;
        const std::uint16_t* value = call.values + static_cast<std::ptrdiff_t>(p) * call.head_size;
        for (int i = 0; i < call.head_size; ++i) out[i] += weight * float_of_half(value[i]);
      }
      for (int i = 0; i < call.head_size; ++i) out[i] /= total;
    }
  }
}

std::uint16_t half_of_float(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;   // not a number
  if (magnitude >= 0x477ff000) return sign | 0x7c00;  // rounds to infinity
  if (magnitude < 0x38800000) {                       // subnormal: in units of 2^-24
    const float units = std::bit_cast<float>(magnitude) * 0x1p24f;
    return sign | static_cast<std::uint16_t>(std::nearbyint(units));
  }
  const std::uint32_t rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return sign | static_cast<std::uint16_t>((rounded - 0x38000000) >> 13);
}

}  // namespace antiphon::models
