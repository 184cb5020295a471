#include "models/kernels/one_row.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace antiphon::models::kernels {
namespace {

bool has_avx2() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
#else
  return false;
#endif
}

#if defined(__x86_64__)

#define ANTIPHON_AVX2 __attribute__((target("avx2,fma"), always_inline)) inline

ANTIPHON_AVX2 float sum_of(__m256 x) {
  __m128 half = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  half = _mm_add_ps(half, _mm_movehl_ps(half, half));
  return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

// e^x to about 2e-7 relative, for x <= 88: x = n ln 2 + r, |r| <= ln 2 / 2, and a polynomial for e^r.
ANTIPHON_AVX2 __m256 exp_of(__m256 x) {
  x = _mm256_max_ps(_mm256_min_ps(x, _mm256_set1_ps(88.0F)), _mm256_set1_ps(-87.0F));
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, _mm256_set1_ps(1.44269504F)),
                                   _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m256 r = _mm256_fnmadd_ps(n, _mm256_set1_ps(0.693359375F), x);  // ln 2 in two parts
  r = _mm256_fnmadd_ps(n, _mm256_set1_ps(-2.12194440e-4F), r);
  __m256 p = _mm256_set1_ps(1.0F / 720);
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0F / 120));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0F / 24));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0F / 6));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(0.5F));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0F));
  p = _mm256_fmadd_ps(p, r, _mm256_set1_ps(1.0F));
  const __m256i exponent =
      _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
  return _mm256_mul_ps(p, _mm256_castsi256_ps(exponent));
}

ANTIPHON_AVX2 float dot(const float* a, const float* b, int count) {
  __m256 sum = _mm256_setzero_ps();
  int d = 0;
  for (; d + 8 <= count; d += 8) sum = _mm256_fmadd_ps(_mm256_loadu_ps(a + d), _mm256_loadu_ps(b + d), sum);
  if (d < count) {
    const __m128 tail = _mm_mul_ps(_mm_loadu_ps(a + d), _mm_loadu_ps(b + d));
    sum = _mm256_add_ps(sum, _mm256_insertf128_ps(_mm256_setzero_ps(), tail, 0));
  }
  return sum_of(sum);
}

// weights = e^(weights - peak); returns their sum.
ANTIPHON_AVX2 float exponentials(float* weights, int count, float peak) {
  const __m256 peaks = _mm256_set1_ps(peak);
  __m256 sums = _mm256_setzero_ps();
  int t = 0;
  for (; t + 8 <= count; t += 8) {
    const __m256 value = exp_of(_mm256_sub_ps(_mm256_loadu_ps(weights + t), peaks));
    _mm256_storeu_ps(weights + t, value);
    sums = _mm256_add_ps(sums, value);
  }
  float sum = sum_of(sums);
  for (; t < count; ++t) sum += weights[t] = std::exp(weights[t] - peak);
  return sum;
}

ANTIPHON_AVX2 void mix(const AttendCall& call) {
  int d = 0;
  for (; d + 8 <= call.head_dim; d += 8) {
    __m256 even = _mm256_setzero_ps();
    __m256 odd = _mm256_setzero_ps();
    const float* value = call.values + d;
    int t = 0;
    for (; t + 2 <= call.count; t += 2, value += 2 * call.stride) {
      even = _mm256_fmadd_ps(_mm256_set1_ps(call.weights[t]), _mm256_loadu_ps(value), even);
      odd = _mm256_fmadd_ps(_mm256_set1_ps(call.weights[t + 1]), _mm256_loadu_ps(value + call.stride), odd);
    }
    if (t < call.count) even = _mm256_fmadd_ps(_mm256_set1_ps(call.weights[t]), _mm256_loadu_ps(value), even);
    _mm256_storeu_ps(call.out + d, _mm256_add_ps(even, odd));
  }
  if (d == call.head_dim) return;
  __m128 sum = _mm_setzero_ps();
  for (int t = 0; t < call.count; ++t) {
    sum = _mm_fmadd_ps(_mm_set1_ps(call.weights[t]), _mm_loadu_ps(call.values + t * call.stride + d), sum);
  }
  _mm_storeu_ps(call.out + d, sum);
}

__attribute__((target("avx2,fma"))) void attend_avx2(const AttendCall& call) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(call.head_dim));
  float peak = -INFINITY;
  for (int t = 0; t < call.count; ++t) {
    call.weights[t] = dot(call.query, call.keys + t * call.stride, call.head_dim) * scale;
    peak = std::max(peak, call.weights[t]);
  }
  const float factor = 1.0F / exponentials(call.weights, call.count, peak);
  for (int t = 0; t < call.count; ++t) call.weights[t] *= factor;
  mix(call);
}

__attribute__((target("avx2,fma"))) void gate_silu_avx2(const GateCall& call) {
  const __m256 one = _mm256_set1_ps(1.0F);
  int i = 0;
  for (; i + 8 <= call.count; i += 8) {
    const __m256 value = _mm256_add_ps(_mm256_loadu_ps(call.value + i), _mm256_loadu_ps(call.value_bias + i));
    const __m256 gate = _mm256_add_ps(_mm256_loadu_ps(call.gate + i), _mm256_loadu_ps(call.gate_bias + i));
    const __m256 decay = exp_of(_mm256_sub_ps(_mm256_setzero_ps(), gate));
    _mm256_storeu_ps(call.out + i, _mm256_div_ps(_mm256_mul_ps(value, gate), _mm256_add_ps(one, decay)));
  }
  gate_silu_portable(
      {call.value + i, call.gate + i, call.value_bias + i, call.gate_bias + i, call.count - i, call.out + i});
}

#endif

}  // namespace

void attend_portable(const AttendCall& call) {
  const float scale = 1.0F / std::sqrt(static_cast<float>(call.head_dim));
  float peak = -INFINITY;
  for (int t = 0; t < call.count; ++t) {
    const float* key = call.keys + t * call.stride;
    call.weights[t] = std::inner_product(key, key + call.head_dim, call.query, 0.0F) * scale;
    peak = std::max(peak, call.weights[t]);
  }
  float sum = 0;
  for (int t = 0; t < call.count; ++t) sum += call.weights[t] = std::exp(call.weights[t] - peak);
  std::fill_n(call.out, call.head_dim, 0.0F);
  for (int t = 0; t < call.count; ++t) {
    call.weights[t] /= sum;
    const float* value = call.values + t * call.stride;
    for (int d = 0; d < call.head_dim; ++d) call.out[d] += call.weights[t] * value[d];
  }
}

void attend(const AttendCall& call) {
  assert(call.count >= 1 && call.head_dim % 4 == 0);
#if defined(__x86_64__)
  if (has_avx2()) return attend_avx2(call);
#endif
  attend_portable(call);
}

void layer_norm(const float* x, std::span<const float> weight, float* out) {
  const auto width = static_cast<float>(weight.size());
  float sum = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) sum += x[i];
  const float mean = sum / width;
  float squares = 0;
  for (std::size_t i = 0; i < weight.size(); ++i) squares += (x[i] - mean) * (x[i] - mean);
  const float scale = 1.0F / std::sqrt(squares / width + 1e-5F);
  for (std::size_t i = 0; i < weight.size(); ++i) out[i] = (x[i] - mean) * scale * weight[i];
}

void gate_silu_portable(const GateCall& call) {
  for (int i = 0; i < call.count; ++i) {
    const float gate = call.gate[i] + call.gate_bias[i];
    call.out[i] = (call.value[i] + call.value_bias[i]) * gate / (1.0F + std::exp(-gate));
  }
}

void gate_silu(const GateCall& call) {
#if defined(__x86_64__)
  if (has_avx2()) return gate_silu_avx2(call);
#endif
  gate_silu_portable(call);
}

}  // namespace antiphon::models::kernels
