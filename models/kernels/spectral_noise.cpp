#include "models/kernels/spectral_noise.h"

#include <cassert>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "models/kernels/spectral_math_avx2.h"

namespace antiphon::models::kernels {
namespace {

constexpr float kRadiusUnit = 1.0f / 16777216.0f;                        // 24 random bits to (0, 1]
constexpr float kAngleUnit = std::numbers::pi_v<float> / 2147483648.0f;  // 32 bits to [-pi, pi)

std::uint64_t splitmix64(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

ANTIPHON_AVX2_INLINE __m256i next8(__m256i (&state)[4]) {
  const __m256i t = _mm256_xor_si256(state[0], _mm256_slli_epi32(state[0], 11));
  state[0] = state[1];
  state[1] = state[2];
  state[2] = state[3];
  state[3] = _mm256_xor_si256(_mm256_xor_si256(state[3], _mm256_srli_epi32(state[3], 19)),
                              _mm256_xor_si256(t, _mm256_srli_epi32(t, 8)));
  return state[3];
}

}  // namespace

NormalPairs::NormalPairs(std::uint64_t seed) {
  for (int lane = 0; lane < kLanes; ++lane) {
    for (Lanes& word : state_) word[lane] = static_cast<std::uint32_t>(splitmix64(seed) >> 32);
    state_[0][lane] |= 1u;  // a lane of all zeros would stay there
  }
}

void NormalPairs::draw(std::span<float> first, std::span<float> second) {
  assert(first.size() == second.size() && first.size() % kLanes == 0);
  if (has_avx2()) return draw_avx2(first, second);
  draw_portable(first, second);
}

ANTIPHON_AVX2 void NormalPairs::draw_avx2(std::span<float> first, std::span<float> second) {
  __m256i state[4];
  for (int k = 0; k < 4; ++k) state[k] = _mm256_load_si256(reinterpret_cast<__m256i*>(state_[k].data()));
  for (std::size_t i = 0; i < first.size(); i += kLanes) {
    const __m256i steps = _mm256_add_epi32(_mm256_srli_epi32(next8(state), 8), _mm256_set1_epi32(1));
    const __m256 uniform = _mm256_mul_ps(_mm256_cvtepi32_ps(steps), constant8(kRadiusUnit));
    const __m256 radius =
        _mm256_sqrt_ps(_mm256_max_ps(_mm256_mul_ps(constant8(-2.0f), log8(uniform)), _mm256_setzero_ps()));
    const __m256 angle = _mm256_mul_ps(_mm256_cvtepi32_ps(next8(state)), constant8(kAngleUnit));
    __m256 sine;
    __m256 cosine;
    sincos8(angle, sine, cosine);
    _mm256_storeu_ps(first.data() + i, _mm256_mul_ps(radius, cosine));
    _mm256_storeu_ps(second.data() + i, _mm256_mul_ps(radius, sine));
  }
  for (int k = 0; k < 4; ++k) _mm256_store_si256(reinterpret_cast<__m256i*>(state_[k].data()), state[k]);
}

NormalPairs::Lanes NormalPairs::next() {
  Lanes result;
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::uint32_t t = state_[0][lane] ^ (state_[0][lane] << 11);
    state_[0][lane] = state_[1][lane];
    state_[1][lane] = state_[2][lane];
    state_[2][lane] = state_[3][lane];
    state_[3][lane] ^= (state_[3][lane] >> 19) ^ t ^ (t >> 8);
    result[lane] = state_[3][lane];
  }
  return result;
}

void NormalPairs::draw_portable(std::span<float> first, std::span<float> second) {
  for (std::size_t i = 0; i < first.size(); i += kLanes) {
    const Lanes radii = next();
    const Lanes angles = next();
    for (int lane = 0; lane < kLanes; ++lane) {
      const float uniform = static_cast<float>((radii[lane] >> 8) + 1u) * kRadiusUnit;
      const float radius = std::sqrt(-2.0f * std::log(uniform));
      const float angle = static_cast<float>(static_cast<std::int32_t>(angles[lane])) * kAngleUnit;
      first[i + lane] = radius * std::cos(angle);
      second[i + lane] = radius * std::sin(angle);
    }
  }
}

}  // namespace antiphon::models::kernels
