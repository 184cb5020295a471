#include "models/kernels/spectral_overlap.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace antiphon::models::kernels {
namespace {

constexpr float kWeightMin = 1e-11f;  // where no window reaches, the sum is 0 too

std::array<float, kSpectralWindow> hann() {
  std::array<float, kSpectralWindow> window;
  for (int i = 0; i < kSpectralWindow; ++i) {
    window[i] = static_cast<float>(0.5 - 0.5 * std::cos(2.0 * std::numbers::pi * i / kSpectralWindow));
  }
  return window;
}

}  // namespace

const std::array<float, kSpectralWindow>& spectral_window() {
  static const std::array<float, kSpectralWindow> window = hann();
  return window;
}

void OverlapAdd::add(std::span<const float, kSpectralWindow> inverse, std::span<float, kSpectralHop> out) {
  const auto& window = spectral_window();
  for (int i = 0; i < kSpectralWindow; ++i) sum_[i] += inverse[i] * window[i];
  for (int i = 0; i < kSpectralWindow; ++i) weight_[i] += window[i] * window[i];
  take(out);
}

void OverlapAdd::finish(std::span<float, kSpectralHop> out) {
  take(out);
}

void OverlapAdd::take(std::span<float, kSpectralHop> out) {
  for (int i = 0; i < kSpectralHop; ++i) out[i] = sum_[i] / std::max(weight_[i], kWeightMin);
  for (auto* ring : {&sum_, &weight_}) {
    std::copy(ring->begin() + kSpectralHop, ring->end(), ring->begin());
    std::fill(ring->end() - kSpectralHop, ring->end(), 0.0f);
  }
  ++next_;
}

}  // namespace antiphon::models::kernels
