// The kernels for AVX2, FMA and F16C.
#if defined(__x86_64__)
#include <immintrin.h>

#include "models/kernels/avx2_multiply.h"
#include "models/kernels/make_kernel_table.h"

namespace antiphon::models::kernels {
namespace {

struct V {
  static constexpr int kLanes = 8;
  static constexpr int kSums = 12;  // of a tile of Pointwise
  using Type = __m256;

  static __m256i first(int n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  static Type set(float x) { return _mm256_set1_ps(x); }
  static Type load(const float* x) { return _mm256_loadu_ps(x); }
  static Type load(const std::uint16_t* x) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x)));
  }
  static Type load(const std::int8_t* x) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(x))));
  }
  static Type load(const std::int32_t* x) {
    return _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
  }
  static Type load_part(const float* x, int n) { return _mm256_maskload_ps(x, first(n)); }
  static Type load_part(const std::uint16_t* x, int n) {
    std::uint16_t all[kLanes] = {};
    for (int i = 0; i < n; ++i) all[i] = x[i];
    return load(all);
  }
  static void store(float* y, Type v) { _mm256_storeu_ps(y, v); }
  static void store_part(float* y, Type v, int n) { _mm256_maskstore_ps(y, first(n), v); }
  static void store_half(std::uint16_t* y, Type v) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y),
                     _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
  static Type add(Type a, Type b) { return _mm256_add_ps(a, b); }
  static Type sub(Type a, Type b) { return _mm256_sub_ps(a, b); }
  static Type mul(Type a, Type b) { return _mm256_mul_ps(a, b); }
  static Type div(Type a, Type b) { return _mm256_div_ps(a, b); }
  static Type fma(Type a, Type b, Type c) { return _mm256_fmadd_ps(a, b, c); }
  static Type max(Type a, Type b) { return _mm256_max_ps(a, b); }
  static Type min(Type a, Type b) { return _mm256_min_ps(a, b); }
  static Type abs(Type a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
  static Type round(Type a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static Type power_of_two(Type exponent) {
    const __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(exponent), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
  }
  static float sum(Type a) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
  }
  static float largest(Type a) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_movehdup_ps(half)));
  }
  static void sum_four(const Type* four, float* out) {
    const __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(four[0], four[1]), _mm256_hadd_ps(four[2], four[3]));
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
  }
};

std::int32_t sum_of(__m256i values) {
  __m128i half = _mm_add_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  half = _mm_add_epi32(half, _mm_unpackhi_epi64(half, half));
  return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 1)));
}

// Rounds 16 values, returns their codes' sum.
std::int32_t quantise_half(const float* x, float inverse, std::int8_t* codes) {
  const __m256 factor = _mm256_set1_ps(inverse);
  const __m256i a = _mm256_cvtps_epi32(_mm256_mul_ps(V::load(x), factor));
  const __m256i b = _mm256_cvtps_epi32(_mm256_mul_ps(V::load(x + 8), factor));
  // Packing goes by 128-bit halves: the permutation puts a's four quarters before b's.
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a, b), 0xd8);
  const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(codes), bytes);
  return sum_of(_mm256_add_epi32(a, b));
}

void quantise_group(const float* x, const QuantiseCall& call, int g) {
  __m256 magnitudes = _mm256_setzero_ps();
  for (int i = 0; i < kGroup; i += V::kLanes) magnitudes = V::max(V::abs(V::load(x + i)), magnitudes);
  const float most = V::largest(magnitudes);
  const float inverse = most < kSmallestMagnitude ? 0 : 127 / most;
  std::int16_t* half_sums = call.half_sums + 2 * g;
  for (int half = 0; half < 2; ++half) {
    const std::int32_t sum = quantise_half(x + 16 * half, inverse, call.codes + g * kGroup + 16 * half);
    half_sums[half] = static_cast<std::int16_t>(sum);
  }
  call.scales[g] = most / 127;
  call.sums[g] = call.scales[g] * static_cast<float>(half_sums[0] + half_sums[1]);
}

void quantise(const QuantiseCall& call) {
  int g = 0;
  for (; (g + 1) * kGroup <= call.columns; ++g) quantise_group(call.x + g * kGroup, call, g);
  if (g * kGroup == call.columns) return;
  float last[kGroup] = {};
  for (int i = 0; g * kGroup + i < call.columns; ++i) last[i] = call.x[g * kGroup + i];
  quantise_group(last, call, g);
}

}  // namespace

constinit const KernelTable kAvx2Kernels = make_kernel_table<V>(multiply_avx2, quantise);

}  // namespace antiphon::models::kernels
#endif
