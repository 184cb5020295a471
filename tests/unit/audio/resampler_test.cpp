#include "audio/resampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

namespace antiphon::audio {
namespace {

std::vector<float> tone(double frequency_hz, int rate_hz, std::size_t samples) {
  std::vector<float> out(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    out[i] = static_cast<float>(std::sin(2 * std::numbers::pi * frequency_hz * static_cast<double>(i) /
                                         static_cast<double>(rate_hz)));
  }
  return out;
}

TEST(Resampler, KeepsAToneInPlace) {
  const std::vector<float> in = tone(440, 24000, 24000);
  const std::vector<float> expected = tone(440, 16000, 16000);
  const std::vector<float> out = resample(in, 24000, 16000);
  ASSERT_EQ(out.size(), expected.size());
  for (std::size_t i = 200; i + 200 < out.size(); ++i) EXPECT_NEAR(out[i], expected[i], 0.01) << i;
}

TEST(Resampler, NothingStaysNothing) {
  EXPECT_TRUE(resample({}, 24000, 16000).empty());
}

}  // namespace
}  // namespace antiphon::audio
