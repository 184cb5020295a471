#include "models/kernels/spectral_mix.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "models/kernels/spectral_math_avx2.h"

namespace antiphon::models::kernels {
namespace {

constexpr float kLogMax = 7.0f;
constexpr float kPi = std::numbers::pi_v<float>;

struct Complex8 {
  __m256 real;
  __m256 imaginary;
};

ANTIPHON_AVX2_INLINE __m256 magnitude8(const float* log) {
  return exp8(_mm256_min_ps(_mm256_loadu_ps(log), constant8(kLogMax)));
}

ANTIPHON_AVX2_INLINE Complex8 polar8(__m256 magnitude, __m256 phase) {
  Complex8 result;
  sincos8(phase, result.imaginary, result.real);
  result.real = _mm256_mul_ps(result.real, magnitude);
  result.imaginary = _mm256_mul_ps(result.imaginary, magnitude);
  return result;
}

ANTIPHON_AVX2_INLINE Complex8 load8(const std::complex<float>* values) {
  const float* p = reinterpret_cast<const float*>(values);
  const __m256 a = _mm256_loadu_ps(p);
  const __m256 b = _mm256_loadu_ps(p + 8);
  const __m256 low = _mm256_permute2f128_ps(a, b, 0x20);
  const __m256 high = _mm256_permute2f128_ps(a, b, 0x31);
  return {_mm256_shuffle_ps(low, high, 0x88), _mm256_shuffle_ps(low, high, 0xdd)};
}

ANTIPHON_AVX2_INLINE void store8(const Complex8& values, std::complex<float>* out) {
  float* p = reinterpret_cast<float*>(out);
  const __m256 low = _mm256_unpacklo_ps(values.real, values.imaginary);
  const __m256 high = _mm256_unpackhi_ps(values.real, values.imaginary);
  _mm256_storeu_ps(p, _mm256_permute2f128_ps(low, high, 0x20));
  _mm256_storeu_ps(p + 8, _mm256_permute2f128_ps(low, high, 0x31));
}

ANTIPHON_AVX2 void mix_avx2(const SpectralCurves& curves, const SpectralSources& sources,
                            std::span<std::complex<float>> out) {
  const std::size_t bins = out.size();
  for (std::size_t start = 0; start < bins; start += 8) {
    const std::size_t i = std::min(start, bins - 8);  // the last group overlaps the one before
    Complex8 sum =
        polar8(magnitude8(curves.fixed_log.data() + i), _mm256_loadu_ps(curves.fixed_phase.data() + i));
    const __m256 noise = magnitude8(curves.noise_log.data() + i);
    sum.real = _mm256_fmadd_ps(noise, _mm256_loadu_ps(sources.noise_real.data() + i), sum.real);
    sum.imaginary =
        _mm256_fmadd_ps(noise, _mm256_loadu_ps(sources.noise_imaginary.data() + i), sum.imaginary);
    if (!sources.excitation.empty()) {
      const __m256 turn = tanh8(_mm256_loadu_ps(curves.voiced_turn.data() + i));
      const Complex8 filter =
          polar8(magnitude8(curves.voiced_log.data() + i), _mm256_mul_ps(turn, constant8(kPi)));
      const Complex8 e = load8(sources.excitation.data() + i);
      sum.real = _mm256_fmadd_ps(filter.real, e.real, sum.real);
      sum.real = _mm256_fnmadd_ps(filter.imaginary, e.imaginary, sum.real);
      sum.imaginary = _mm256_fmadd_ps(filter.real, e.imaginary, sum.imaginary);
      sum.imaginary = _mm256_fmadd_ps(filter.imaginary, e.real, sum.imaginary);
    }
    store8(sum, out.data() + i);
  }
}

}  // namespace

void mix_spectrum(const SpectralCurves& curves, const SpectralSources& sources,
                  std::span<std::complex<float>> out) {
  assert(out.size() >= 8 && curves.voiced_log.size() == out.size());
  assert(sources.noise_real.size() >= out.size() && sources.noise_imaginary.size() >= out.size());
  if (has_avx2()) return mix_avx2(curves, sources, out);
  mix_spectrum_portable(curves, sources, out);
}

void mix_spectrum_portable(const SpectralCurves& curves, const SpectralSources& sources,
                           std::span<std::complex<float>> out) {
  const auto magnitude = [](float log) { return std::exp(std::min(log, kLogMax)); };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float fixed = magnitude(curves.fixed_log[i]);
    std::complex<float> sum(fixed * std::cos(curves.fixed_phase[i]), fixed * std::sin(curves.fixed_phase[i]));
    sum += magnitude(curves.noise_log[i]) *
           std::complex<float>(sources.noise_real[i], sources.noise_imaginary[i]);
    if (!sources.excitation.empty()) {
      sum += std::polar(magnitude(curves.voiced_log[i]), kPi * std::tanh(curves.voiced_turn[i])) *
             sources.excitation[i];
    }
    out[i] = sum;
  }
}

}  // namespace antiphon::models::kernels
