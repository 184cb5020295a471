#include "tests/support/test_signals.h"

#include <cmath>
#include <numbers>

namespace antiphon::test {

std::vector<float> swelling_buzz() {
  std::vector<float> samples;
  samples.reserve(48000);
  for (int n = 0; n < 48000; ++n) {
    const double turn = 2 * std::numbers::pi * n / 16000;
    double sum = 0;
    for (int k = 1; k <= 20; ++k) sum += std::sin(turn * 130 * k) / k;
    samples.push_back(static_cast<float>(0.25 * (1 + std::sin(turn * 3)) / 2 * sum));
  }
  return samples;
}

}  // namespace antiphon::test
