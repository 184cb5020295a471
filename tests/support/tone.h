#pragma once

#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

namespace antiphon::test {

// A sine of amplitude 1 that begins at zero.
inline std::vector<float> tone(double frequency_hz, int rate_hz, std::size_t samples) {
  std::vector<float> out(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    out[i] = static_cast<float>(std::sin(2 * std::numbers::pi * frequency_hz * static_cast<double>(i) /
                                         static_cast<double>(rate_hz)));
  }
  return out;
}

}  // namespace antiphon::test
