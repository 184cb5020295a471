#include "models/kernels/spectral_pulses.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "models/kernels/spectral_math_avx2.h"

namespace antiphon::models::kernels {
namespace {

constexpr int kPadded = (PulseTrain::kHop + 7) / 8 * 8;
constexpr float kTurn = 2.0f * std::numbers::pi_v<float>;
constexpr float kNearZero = 2e-3f;  // below this |2 sin(t/2)| the sum is taken at its peak

ANTIPHON_AVX2 void pulses_avx2(std::span<const float> pitch, std::span<const float> phase,
                               std::span<float> out) {
  const __m256 one = constant8(1.0f);
  for (std::size_t i = 0; i < out.size(); i += 8) {
    const __m256 f = _mm256_loadu_ps(pitch.data() + i);
    const __m256 voiced = _mm256_cmp_ps(f, constant8(PulseTrain::kVoicedAbove), _CMP_GT_OQ);
    const __m256 held = _mm256_max_ps(f, constant8(PulseTrain::kVoicedAbove));
    const __m256 count = _mm256_add_ps(
        _mm256_floor_ps(_mm256_div_ps(constant8(PulseTrain::kHarmonicsBelow), held)), constant8(0.5f));
    const __m256 t = _mm256_mul_ps(_mm256_loadu_ps(phase.data() + i), constant8(kTurn));
    __m256 half;
    __m256 top;
    __m256 unused;
    sincos8(_mm256_mul_ps(t, constant8(0.5f)), half, unused);
    sincos8(_mm256_mul_ps(count, t), top, unused);
    const __m256 s = _mm256_add_ps(half, half);
    const __m256 peak =
        _mm256_cmp_ps(_mm256_andnot_ps(constant8(-0.0f), s), constant8(kNearZero), _CMP_LE_OQ);
    const __m256 ratio = _mm256_div_ps(top, _mm256_blendv_ps(s, one, peak));
    const __m256 sum = _mm256_sub_ps(_mm256_blendv_ps(ratio, count, peak), constant8(0.5f));
    _mm256_storeu_ps(out.data() + i, _mm256_and_ps(sum, voiced));
  }
}

}  // namespace

void PulseTrain::next_hop(float before, float here, float after, std::span<float, kHop> out) {
  alignas(32) std::array<float, kPadded> pitch{};
  alignas(32) std::array<float, kPadded> phase{};
  alignas(32) std::array<float, kPadded> sum;
  bool voiced = false;
  for (int i = 0; i < kHop; ++i) {
    const float x = (static_cast<float>(i) + 0.5f) / kHop - 0.5f;  // [-0.5, 0.5) around the hop's centre
    const float f = x < 0.0f ? here + x * (here - before) : here + x * (after - here);
    pitch[i] = f;
    voiced |= f > kVoicedAbove;
    phase_ += static_cast<double>(std::max(f, kVoicedAbove)) / kSampleRate;
    if (phase_ >= 1.0) phase_ -= std::floor(phase_);
    phase[i] = static_cast<float>(phase_);
  }
  if (!voiced) {
    std::ranges::fill(out, 0.0f);
    return;
  }
  pulses(pitch, phase, sum);
  std::copy_n(sum.begin(), kHop, out.begin());
}

void PulseTrain::pulses(std::span<const float> pitch, std::span<const float> phase, std::span<float> out) {
  assert(pitch.size() == out.size() && phase.size() == out.size());
  if (has_avx2() && out.size() % 8 == 0) return pulses_avx2(pitch, phase, out);
  pulses_portable(pitch, phase, out);
}

void PulseTrain::pulses_portable(std::span<const float> pitch, std::span<const float> phase,
                                 std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float count = std::floor(kHarmonicsBelow / std::max(pitch[i], kVoicedAbove)) + 0.5f;
    const float t = phase[i] * kTurn;
    const float s = 2.0f * std::sin(0.5f * t);
    const float sum = std::abs(s) <= kNearZero ? count : std::sin(count * t) / s;
    out[i] = pitch[i] > kVoicedAbove ? sum - 0.5f : 0.0f;
  }
}

}  // namespace antiphon::models::kernels
