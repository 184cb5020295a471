#include "models/kernels/byte_products.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "models/kernels/row_tiles.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace antiphon::models::kernels {
namespace {

constexpr float kLevels = 255.0F;

struct Scale {
  float factor;  // steps per unit
  RoundedBytes result;
};

// The range takes in 0, which gets a whole number: a row of one sign keeps its zeros exact.
Scale scale_of(float least, float greatest) {
  const float range = std::max(std::max(greatest, 0.0F) - std::min(least, 0.0F), 1e-30F);
  const float factor = kLevels / range;
  return {factor, {range / kLevels, static_cast<std::int32_t>(std::lrint(-std::min(least, 0.0F) * factor))}};
}

void product_portable(const ByteProductCall& call) {
  for (int m = 0; m < call.count; ++m) {
    const std::uint8_t* row = call.rows + static_cast<std::ptrdiff_t>(m) * 4 * call.quads;
    std::int32_t* sums = call.sums + static_cast<std::ptrdiff_t>(m) * kBytePanel;
    std::fill_n(sums, kBytePanel, 0);
    const std::int8_t* weights = call.panel;
    for (int q = 0; q < call.quads; ++q, row += 4) {
      for (int p = 0; p < kBytePanel; ++p, weights += 4) {
        for (int i = 0; i < 4; ++i) sums[p] += row[i] * weights[i];
      }
    }
  }
}

RoundedBytes round_portable(const ByteRoundCall& call) {
  const auto [least, greatest] = std::minmax_element(call.row, call.row + call.inputs);
  const Scale scale = scale_of(*least, *greatest);
  for (int k = 0; k < call.inputs; ++k) {
    const long value = std::lrint(call.row[k] * scale.factor) + scale.result.zero;
    call.values[k] = static_cast<std::uint8_t>(std::clamp(value, 0L, 255L));
  }
  return scale.result;
}

#if defined(__x86_64__)

#define ANTIPHON_VNNI_TARGET "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"

// kRows rows at once. What comes after the panel, the next one, is fetched on the way. Each loop over the
// rows has a pragma, since one that g++ 12 does not unroll keeps the sums in memory: half the speed.
template <int kRows>
__attribute__((target(ANTIPHON_VNNI_TARGET), always_inline)) inline void tile_vnni(
    const ByteProductCall& call, int first) {
  const std::ptrdiff_t inputs = 4 * static_cast<std::ptrdiff_t>(call.quads);
  const std::uint8_t* rows = call.rows + first * inputs;
  __m512i sums[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) sums[m][0] = sums[m][1] = _mm512_setzero_si512();
  const std::int8_t* weights = call.panel;
  const std::ptrdiff_t panel_bytes = kBytePanel * inputs;
  for (int q = 0; q < call.quads; ++q, weights += 4 * kBytePanel) {
    _mm_prefetch(weights + panel_bytes, _MM_HINT_T1);
    _mm_prefetch(weights + panel_bytes + 64, _MM_HINT_T1);
    const __m512i low = _mm512_loadu_si512(weights);
    const __m512i high = _mm512_loadu_si512(weights + 64);
#pragma GCC unroll 12
    for (int m = 0; m < kRows; ++m) {
      int four;
      __builtin_memcpy(&four, rows + m * inputs + 4 * q, sizeof four);
      const __m512i bytes = _mm512_set1_epi32(four);
      sums[m][0] = _mm512_dpbusd_epi32(sums[m][0], bytes, low);
      sums[m][1] = _mm512_dpbusd_epi32(sums[m][1], bytes, high);
    }
  }
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
    std::int32_t* out = call.sums + static_cast<std::ptrdiff_t>(first + m) * kBytePanel;
    _mm512_storeu_si512(out, sums[m][0]);
    _mm512_storeu_si512(out + 16, sums[m][1]);
  }
}

template <int kRows>
__attribute__((target(ANTIPHON_VNNI_TARGET))) int rows_vnni(int rows, const ByteProductCall& call,
                                                            int first) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return rows_vnni<kRows - 1>(rows, call, first);
  }
  tile_vnni<kRows>(call, first);
  return kRows;
}

__attribute__((target(ANTIPHON_VNNI_TARGET))) void product_vnni(const ByteProductCall& call) {
  for (int m = 0; m < call.count;) m += rows_vnni<12>(rows_of_tile(call.count - m, 12), call, m);
}

// In vectors of 8: g++ 12 warns of its own 512-bit intrinsics.
__attribute__((target(ANTIPHON_VNNI_TARGET))) RoundedBytes round_vnni(const ByteRoundCall& call) {
  const auto lanes = [&](int k) {
    return static_cast<__mmask8>(call.inputs - k >= 8 ? 0xff : (1 << (call.inputs - k)) - 1);
  };
  __m256 least = _mm256_setzero_ps();
  __m256 greatest = _mm256_setzero_ps();
  for (int k = 0; k < call.inputs; k += 8) {
    const __m256 x = _mm256_maskz_loadu_ps(lanes(k), call.row + k);
    least = _mm256_min_ps(least, x);
    greatest = _mm256_max_ps(greatest, x);
  }
  float lows[8], highs[8];
  _mm256_storeu_ps(lows, least);
  _mm256_storeu_ps(highs, greatest);
  const Scale scale = scale_of(*std::min_element(lows, lows + 8), *std::max_element(highs, highs + 8));
  const __m256 factor = _mm256_set1_ps(scale.factor);
  const __m256i zero = _mm256_set1_epi32(scale.result.zero);
  for (int k = 0; k < call.inputs; k += 8) {
    const __m256 x = _mm256_mul_ps(_mm256_maskz_loadu_ps(lanes(k), call.row + k), factor);
    const __m256i value =
        _mm256_max_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(x), zero), _mm256_setzero_si256());
    _mm256_mask_cvtusepi32_storeu_epi8(call.values + k, lanes(k), value);
  }
  return scale.result;
}

#endif

}  // namespace

bool fast_byte_products(Variant variant) {
  return variant == Variant::kAvx512;
}

const ByteKernels& byte_kernels(Variant variant) {
  static constexpr ByteKernels kPortable{product_portable, round_portable};
#if defined(__x86_64__)
  static constexpr ByteKernels kVnni{product_vnni, round_vnni};
  if (fast_byte_products(variant)) return kVnni;
#endif
  return kPortable;
}

}  // namespace antiphon::models::kernels
