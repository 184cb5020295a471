#include "audio/resampler.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/tone.h"

namespace antiphon::audio {
namespace {

TEST(Resampler, KeepsAToneInPlaceToItsEnd) {
  const std::vector<float> in = test::tone(440, 24000, 24000);
  const std::vector<float> expected = test::tone(440, 16000, 16000);
  const std::vector<float> out = resample(in, 24000, 16000);
  ASSERT_EQ(out.size(), expected.size());
  for (std::size_t i = 200; i + 200 < out.size(); ++i) EXPECT_NEAR(out[i], expected[i], 0.01) << i;
}

TEST(Resampler, NothingStaysNothing) {
  EXPECT_TRUE(resample({}, 24000, 16000).empty());
}

}  // namespace
}  // namespace antiphon::audio
