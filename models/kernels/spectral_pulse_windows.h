#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "models/kernels/spectral_overlap.h"
#include "models/kernels/spectral_pulses.h"

namespace antiphon::models::kernels {

// Cuts the pulse train of one phrase into the windows that OverlapAdd later puts together again. The train is
// mirrored at the phrase's ends.
//
// Owner: one thread at a time. Never allocates.
class PulseWindows {
 public:
  // hops: of the whole phrase, at least 3. first: the first window wanted.
  PulseWindows(std::int64_t hops, std::int64_t first) : hops_(hops), next_(first) {}

  // Fills `out` with window next_window(), multiplied by spectral_window(); returns false, and leaves `out`
  // as it is, if it is all zeros (unvoiced). pitch: Hz for every hop from 0 to at least next_window() + 2, or
  // to the phrase's end. REQUIRES: next_window() < hops.
  bool next(std::span<const float> pitch, std::span<float, kSpectralWindow> out);

  std::int64_t next_window() const { return next_; }

 private:
  using Hop = std::array<float, kSpectralHop>;

  void make_hop(std::span<const float> pitch);
  void mirror_start();

  std::int64_t hops_;
  std::int64_t next_;
  std::int64_t made_ = 0;  // hops that make_hop() has made
  PulseTrain train_;
  std::array<Hop, 4> last_{};  // hops made_ - 4 to made_ - 1
};

}  // namespace antiphon::models::kernels
