#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace antiphon::models::kernels {

// A deterministic source of standard normal numbers, in pairs.
//
// The same seed gives the same numbers on every machine to about 1e-6; how many are drawn at once matters
// only in that every draw uses up a whole number of groups of eight pairs. Source: xorshift128 (Marsaglia
// 2003) in eight lanes, seeded by splitmix64; the Box-Muller transform.
//
// Owner: one thread at a time. Never allocates.
class NormalPairs {
 public:
  explicit NormalPairs(std::uint64_t seed);

  // Fills both spans; they have one length, a multiple of 8.
  void draw(std::span<float> first, std::span<float> second);
  void draw_portable(std::span<float> first, std::span<float> second);

 private:
  static constexpr int kLanes = 8;
  using Lanes = std::array<std::uint32_t, kLanes>;

  void draw_avx2(std::span<float> first, std::span<float> second);
  Lanes next();

  alignas(32) std::array<Lanes, 4> state_;
};

}  // namespace antiphon::models::kernels
