#pragma once

#include <cstdint>
#include <random>

#include "pipeline/runtime/time.h"

namespace antiphon::simulation {

// All chance of one run, from its seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}

  // From `low` to `high`, both included.  REQUIRES: low <= high.
  int between(int low, int high) {
    return low + static_cast<int>(bits_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(double part) { return static_cast<double>(bits_() >> 11U) * 0x1p-53 < part; }
  pipeline::Duration duration(pipeline::Duration low, pipeline::Duration high) {
    const auto width = static_cast<std::uint64_t>((high - low).count() + 1);
    return low + pipeline::Duration(static_cast<pipeline::Duration::rep>(bits_() % width));
  }

 private:
  std::mt19937_64 bits_;  // its sequence is the standard's, on every machine
};

}  // namespace antiphon::simulation
