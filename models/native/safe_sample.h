#pragma once

#include <cmath>

namespace antiphon::models {

// A sample for a network: louder ones than 64 times full scale, and what is no number, count as silence.
inline float safe_sample(float sample) {
  constexpr float kMagnitudeMax = 64;
  return std::abs(sample) <= kMagnitudeMax ? sample : 0.0f;
}

}  // namespace antiphon::models
