#pragma once

#include <span>
#include <vector>

namespace antiphon::audio {

// A whole mono recording at another sample rate, its filter's delay removed.
// REQUIRES: both rates > 0. Throws std::bad_alloc only.
std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz);

}  // namespace antiphon::audio
