// Eight-lane elementary functions for the AVX2 kernels in this folder. Include only from .cpp files; call
// only after has_avx2() said yes. Constants: Cephes (single precision) and Abramowitz & Stegun 7.1.26.
#pragma once

#include <immintrin.h>

#include "models/kernels/processor.h"

#define ANTIPHON_AVX2 [[gnu::target("avx2,fma")]]
#define ANTIPHON_AVX2_INLINE [[gnu::target("avx2,fma"), gnu::always_inline]] static inline

namespace antiphon::models::kernels {

// True if the AVX2 kernels are to run (see processor.h).
inline bool has_avx2() {
  return active_variant() != Variant::kPortable;
}

ANTIPHON_AVX2_INLINE __m256 constant8(float value) {
  return _mm256_set1_ps(value);
}

// c0 x + c1 and so on: Horner's rule, highest power first.
ANTIPHON_AVX2_INLINE __m256 horner8(__m256 x, __m256 sum, float next) {
  return _mm256_fmadd_ps(sum, x, constant8(next));
}

// e^x, relative error 2e-7; x is held in [-87, 88].
ANTIPHON_AVX2_INLINE __m256 exp8(__m256 x) {
  x = _mm256_min_ps(_mm256_max_ps(x, constant8(-87.0f)), constant8(88.0f));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, constant8(1.44269504f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, constant8(0.693359375f), x);
  r = _mm256_fnmadd_ps(n, constant8(-2.12194440e-4f), r);
  __m256 p = constant8(1.9875691500e-4f);
  p = horner8(r, p, 1.3981999507e-3f);
  p = horner8(r, p, 8.3334519073e-3f);
  p = horner8(r, p, 4.1665795894e-2f);
  p = horner8(r, p, 1.6666665459e-1f);
  p = horner8(r, p, 5.0000001201e-1f);
  p = _mm256_add_ps(_mm256_fmadd_ps(p, _mm256_mul_ps(r, r), r), constant8(1.0f));
  const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
}

// tanh x, absolute error 2e-7.
ANTIPHON_AVX2_INLINE __m256 tanh8(__m256 x) {
  const __m256 sign = _mm256_and_ps(x, constant8(-0.0f));
  const __m256 size = _mm256_min_ps(_mm256_andnot_ps(constant8(-0.0f), x), constant8(20.0f));
  const __m256 e = exp8(_mm256_add_ps(size, size));
  const __m256 t =
      _mm256_sub_ps(constant8(1.0f), _mm256_div_ps(constant8(2.0f), _mm256_add_ps(e, constant8(1.0f))));
  return _mm256_or_ps(t, sign);
}

// sin x and cos x, absolute error 2e-7 for |x| < 8192.
ANTIPHON_AVX2_INLINE void sincos8(__m256 x, __m256& sine, __m256& cosine) {
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, constant8(0.636619772f)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, constant8(1.57079637050628662109375f), x);
  r = _mm256_fnmadd_ps(n, constant8(-4.37113900018624283e-8f), r);
  const __m256 z = _mm256_mul_ps(r, r);
  __m256 s = horner8(z, constant8(-1.9515295891e-4f), 8.3321608736e-3f);
  s = horner8(z, s, -1.6666654611e-1f);
  s = _mm256_fmadd_ps(_mm256_mul_ps(s, z), r, r);
  __m256 c = horner8(z, constant8(2.443315711809948e-5f), -1.388731625493765e-3f);
  c = horner8(z, c, 4.166664568298827e-2f);
  c = horner8(z, c, -0.5f);
  c = horner8(z, c, 1.0f);
  const __m256i quadrant = _mm256_cvtps_epi32(n);
  const __m256 odd = _mm256_castsi256_ps(_mm256_slli_epi32(quadrant, 31));
  const __m256i two = _mm256_set1_epi32(2);
  const __m256 sine_sign = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_and_si256(quadrant, two), 30));
  const __m256i after = _mm256_add_epi32(quadrant, _mm256_set1_epi32(1));
  const __m256 cosine_sign = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_and_si256(after, two), 30));
  sine = _mm256_xor_ps(_mm256_blendv_ps(s, c, odd), sine_sign);
  cosine = _mm256_xor_ps(_mm256_blendv_ps(c, s, odd), cosine_sign);
}

// ln x for normal positive x, relative error 2e-7 (absolute near x = 1).
ANTIPHON_AVX2_INLINE __m256 log8(__m256 x) {
  const __m256i bits = _mm256_castps_si256(x);
  __m256 e = _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(126)));
  __m256 m = _mm256_castsi256_ps(_mm256_or_si256(_mm256_and_si256(bits, _mm256_set1_epi32(0x007fffff)),
                                                 _mm256_set1_epi32(0x3f000000)));  // [0.5, 1)
  const __m256 low = _mm256_cmp_ps(m, constant8(0.707106781f), _CMP_LT_OQ);
  e = _mm256_sub_ps(e, _mm256_and_ps(low, constant8(1.0f)));
  m = _mm256_sub_ps(_mm256_add_ps(m, _mm256_and_ps(low, m)), constant8(1.0f));
  const __m256 z = _mm256_mul_ps(m, m);
  __m256 p = constant8(7.0376836292e-2f);
  p = horner8(m, p, -1.1514610310e-1f);
  p = horner8(m, p, 1.1676998740e-1f);
  p = horner8(m, p, -1.2420140846e-1f);
  p = horner8(m, p, 1.4249322787e-1f);
  p = horner8(m, p, -1.6668057665e-1f);
  p = horner8(m, p, 2.0000714765e-1f);
  p = horner8(m, p, -2.4999993993e-1f);
  p = horner8(m, p, 3.3333331174e-1f);
  p = _mm256_mul_ps(_mm256_mul_ps(p, m), z);
  p = _mm256_fmadd_ps(e, constant8(-2.12194440e-4f), p);
  p = _mm256_fnmadd_ps(z, constant8(0.5f), p);
  return _mm256_fmadd_ps(e, constant8(0.693359375f), _mm256_add_ps(m, p));
}

// x (1 + erf(x / sqrt 2)) / 2, absolute error 2e-7 |x|.
ANTIPHON_AVX2_INLINE __m256 gelu8(__m256 x) {
  const __m256 sign = _mm256_and_ps(x, constant8(-0.0f));
  const __m256 a = _mm256_mul_ps(_mm256_andnot_ps(constant8(-0.0f), x), constant8(0.707106781f));
  const __m256 t = _mm256_div_ps(constant8(1.0f), _mm256_fmadd_ps(a, constant8(0.3275911f), constant8(1.0f)));
  __m256 p = horner8(t, constant8(1.061405429f), -1.453152027f);
  p = horner8(t, p, 1.421413741f);
  p = horner8(t, p, -0.284496736f);
  p = horner8(t, p, 0.254829592f);
  const __m256 e = exp8(_mm256_sub_ps(_mm256_setzero_ps(), _mm256_mul_ps(a, a)));
  const __m256 tail = _mm256_mul_ps(_mm256_mul_ps(p, t), e);  // 1 - erf(a)
  const __m256 erf = _mm256_xor_ps(_mm256_sub_ps(constant8(1.0f), tail), sign);
  return _mm256_mul_ps(_mm256_mul_ps(x, constant8(0.5f)), _mm256_add_ps(constant8(1.0f), erf));
}

ANTIPHON_AVX2_INLINE float sum8(__m256 x) {
  __m128 s = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  s = _mm_add_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

}  // namespace antiphon::models::kernels
