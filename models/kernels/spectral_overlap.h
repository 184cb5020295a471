#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace antiphon::models::kernels {

inline constexpr int kSpectralHop = 300;      // samples between two windows' centres
inline constexpr int kSpectralWindow = 1200;  // samples, also the transform's length
inline constexpr int kSpectralBins = kSpectralWindow / 2 + 1;

// The periodic Hann window that analysis and synthesis share.
const std::array<float, kSpectralWindow>& spectral_window();

// Sums windows that overlap by three quarters back into sound, one hop at a time.
//
// Window k is centred on sample 300 k of the phrase. Adding window k completes hop k - 2 (samples 300 (k - 2)
// to 300 (k - 1)); after the last window, finish() completes the two hops that are left. Each sample is
// divided by the sum of the squared windows that reach it.
//
// Owner: one thread at a time. Never allocates.
class OverlapAdd {
 public:
  // The first window that will be added; hops from `first + 1` on (from 0 if `first` is 0) get every window
  // that reaches them.
  explicit OverlapAdd(std::int64_t first) : next_(first) {}

  // The inverse transform of window next_window(); out: hop next_window() - 2, which lies before the phrase
  // or lacks windows while it is less than first + 1 (0 if first is 0).
  void add(std::span<const float, kSpectralWindow> inverse, std::span<float, kSpectralHop> out);
  // After the last window: hop next_window() - 2; call it twice.
  void finish(std::span<float, kSpectralHop> out);

  std::int64_t next_window() const { return next_; }

 private:
  void take(std::span<float, kSpectralHop> out);

  std::int64_t next_;
  std::array<float, kSpectralWindow> sum_{};
  std::array<float, kSpectralWindow> weight_{};
};

}  // namespace antiphon::models::kernels
