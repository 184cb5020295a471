#include "models/kernels/integer_products.h"

#include <algorithm>
#include <cmath>

#include "models/kernels/row_tiles.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace antiphon::models::kernels {
namespace {

void product_portable(const IntegerProductCall& call) {
  for (int m = 0; m < call.count; ++m) {
    const std::int16_t* row = call.rows + static_cast<std::ptrdiff_t>(m) * 2 * call.pairs;
    std::int32_t* sums = call.sums + static_cast<std::ptrdiff_t>(m) * kIntegerPanel;
    std::fill_n(sums, kIntegerPanel, 0);
    const std::int8_t* weights = call.panel;
    for (int k = 0; k < call.pairs; ++k, weights += 2 * kIntegerPanel) {
      for (int p = 0; p < kIntegerPanel; ++p)
        sums[p] += row[2 * k] * weights[2 * p] + row[2 * k + 1] * weights[2 * p + 1];
    }
  }
}

Rounded round_portable(const RoundCall& call) {
  float peak = 0;
  for (int k = 0; k < call.inputs; ++k) peak = std::max(peak, std::abs(call.row[k]));
  peak = std::max(peak, 1e-30F);
  const float factor = call.levels / peak;
  std::int32_t sum = 0;
  for (int k = 0; k < call.inputs; ++k) {
    call.values[k] = static_cast<std::int16_t>(std::lrint(call.row[k] * factor));
    sum += call.values[k];
  }
  return {peak / call.levels, sum};
}

#if defined(__x86_64__)

#define ANTIPHON_AVX2 __attribute__((target("avx2,fma"), always_inline)) inline
#define ANTIPHON_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"), always_inline)) inline

// kRows rows at once, 16 outputs of the panel (half of it) from `half` on. Each loop over the rows has a
// pragma, since one that g++ 12 does not unroll keeps the sums in memory: half the speed.
template <int kRows>
ANTIPHON_AVX2 void tile_avx2(const IntegerProductCall& call, int first, int half) {
  const std::ptrdiff_t inputs = 2 * static_cast<std::ptrdiff_t>(call.pairs);
  const std::int16_t* rows = call.rows + first * inputs;
  __m256i sums[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) sums[m][0] = sums[m][1] = _mm256_setzero_si256();
  const std::int8_t* weights = call.panel + half;
  for (int k = 0; k < call.pairs; ++k, weights += 2 * kIntegerPanel) {
    const auto* packed = reinterpret_cast<const __m128i*>(weights);
    const __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128(packed));
    const __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128(packed + 1));
#pragma GCC unroll 12
    for (int m = 0; m < kRows; ++m) {
      int pair;
      __builtin_memcpy(&pair, rows + m * inputs + 2 * k, sizeof pair);
      const __m256i both = _mm256_set1_epi32(pair);
      sums[m][0] = _mm256_add_epi32(sums[m][0], _mm256_madd_epi16(low, both));
      sums[m][1] = _mm256_add_epi32(sums[m][1], _mm256_madd_epi16(high, both));
    }
  }
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
    auto* out = reinterpret_cast<__m256i*>(call.sums +
                                           static_cast<std::ptrdiff_t>(first + m) * kIntegerPanel + half / 2);
    _mm256_storeu_si256(out, sums[m][0]);
    _mm256_storeu_si256(out + 1, sums[m][1]);
  }
}

template <int kRows>
__attribute__((target("avx2,fma"))) int rows_avx2(int rows, const IntegerProductCall& call, int first,
                                                  int half) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return rows_avx2<kRows - 1>(rows, call, first, half);
  }
  tile_avx2<kRows>(call, first, half);
  return kRows;
}

__attribute__((target("avx2,fma"))) void product_avx2(const IntegerProductCall& call) {
  for (int half : {0, kIntegerPanel}) {
    for (int m = 0; m < call.count;) m += rows_avx2<6>(rows_of_tile(call.count - m, 6), call, m, half);
  }
}

__attribute__((target("avx2,fma"))) Rounded round_avx2(const RoundCall& call) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  __m256 peaks = _mm256_setzero_ps();
  int k = 0;
  for (; k + 8 <= call.inputs; k += 8) {
    peaks = _mm256_max_ps(peaks, _mm256_andnot_ps(sign, _mm256_loadu_ps(call.row + k)));
  }
  float lanes[8];
  _mm256_storeu_ps(lanes, peaks);
  float peak = *std::max_element(lanes, lanes + 8);
  for (; k < call.inputs; ++k) peak = std::max(peak, std::abs(call.row[k]));
  peak = std::max(peak, 1e-30F);
  const float factor = call.levels / peak;
  const __m256 factors = _mm256_set1_ps(factor);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sums = _mm256_setzero_si256();
  for (k = 0; k + 16 <= call.inputs; k += 16) {
    const __m256i a = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(call.row + k), factors));
    const __m256i b = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(call.row + k + 8), factors));
    const __m256i values = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xD8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(call.values + k), values);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(values, ones));
  }
  std::int32_t parts[8];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(parts), sums);
  std::int32_t sum = 0;
  for (const std::int32_t part : parts) sum += part;
  for (; k < call.inputs; ++k) {
    call.values[k] = static_cast<std::int16_t>(_mm_cvtss_si32(_mm_set_ss(call.row[k] * factor)));
    sum += call.values[k];
  }
  return {peak / call.levels, sum};
}

template <int kRows>
ANTIPHON_VNNI void tile_vnni(const IntegerProductCall& call, int first) {
  const std::ptrdiff_t inputs = 2 * static_cast<std::ptrdiff_t>(call.pairs);
  const std::int16_t* rows = call.rows + first * inputs;
  __m512i sums[kRows][2];
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) sums[m][0] = sums[m][1] = _mm512_setzero_si512();
  const std::int8_t* weights = call.panel;
  for (int k = 0; k < call.pairs; ++k, weights += 2 * kIntegerPanel) {
    const auto* packed = reinterpret_cast<const __m256i*>(weights);
    const __m512i low = _mm512_cvtepi8_epi16(_mm256_loadu_si256(packed));
    const __m512i high = _mm512_cvtepi8_epi16(_mm256_loadu_si256(packed + 1));
#pragma GCC unroll 12
    for (int m = 0; m < kRows; ++m) {
      int pair;
      __builtin_memcpy(&pair, rows + m * inputs + 2 * k, sizeof pair);
      const __m512i both = _mm512_set1_epi32(pair);
      sums[m][0] = _mm512_dpwssd_epi32(sums[m][0], low, both);
      sums[m][1] = _mm512_dpwssd_epi32(sums[m][1], high, both);
    }
  }
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
    std::int32_t* out = call.sums + static_cast<std::ptrdiff_t>(first + m) * kIntegerPanel;
    _mm512_storeu_si512(out, sums[m][0]);
    _mm512_storeu_si512(out + 16, sums[m][1]);
  }
}

template <int kRows>
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) int rows_vnni(int rows,
                                                                              const IntegerProductCall& call,
                                                                              int first) {
  if constexpr (kRows > 1) {
    if (rows < kRows) return rows_vnni<kRows - 1>(rows, call, first);
  }
  tile_vnni<kRows>(call, first);
  return kRows;
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"))) void product_vnni(
    const IntegerProductCall& call) {
  for (int m = 0; m < call.count;) m += rows_vnni<12>(rows_of_tile(call.count - m, 12), call, m);
}

#endif

}  // namespace

const IntegerKernels& integer_kernels(Variant variant) {
  static constexpr IntegerKernels kPortable{product_portable, round_portable};
#if defined(__x86_64__)
  static constexpr IntegerKernels kAvx2{product_avx2, round_avx2};
  static constexpr IntegerKernels kAvx512{product_vnni, round_avx2};
  if (variant == Variant::kAvx512) return kAvx512;
  if (variant == Variant::kAvx2) return kAvx2;
#endif
  return kPortable;
}

}  // namespace antiphon::models::kernels
