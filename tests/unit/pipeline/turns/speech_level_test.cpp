#include "pipeline/turns/speech_level.h"

#include <gtest/gtest.h>

#include <vector>

namespace antiphon::pipeline::turns {
namespace {

using namespace std::chrono_literals;

// A window that is loud at first and soft for the last `soft_ms`.
std::vector<float> window(int soft_ms, float soft) {
  std::vector<float> samples(512, 0.3F);
  for (std::size_t i = 512 - static_cast<std::size_t>(soft_ms) * 16; i < 512; ++i) samples[i] = soft;
  return samples;
}

TEST(SpeechLevel, SeesWhereInAWindowTheVoiceEnds) {
  SpeechLevel level;
  EXPECT_EQ(level.add(window(0, 0)), 0ms);
  EXPECT_EQ(level.add(window(16, 0.001F)), 16ms);
  EXPECT_EQ(level.add(window(32, 0.001F)), 48ms);
}

TEST(SpeechLevel, CountsWholeBlocksOnly) {
  SpeechLevel level;
  EXPECT_EQ(level.add(window(15, 0)), 8ms);
}

TEST(SpeechLevel, NeverSaysMoreThanItsLimit) {
  SpeechLevel level;
  level.add(window(0, 0));
  for (int i = 0; i < 10; ++i) level.add(window(32, 0));
  EXPECT_EQ(level.add(window(32, 0)), SpeechLevel::kQuietMax);
}

TEST(SpeechLevel, ASoftSoundAndNoiseAreNotQuiet) {
  SpeechLevel level;
  EXPECT_EQ(level.add(window(16, 0.01F)), 0ms) << "30 dB below";
  EXPECT_EQ(level.add(std::vector<float>(512, 0.02F)), 0ms);
}

TEST(SpeechLevel, KnowsNothingOfASessionThatWasSilentFromTheStart) {
  SpeechLevel level;
  EXPECT_EQ(level.add(std::vector<float>(512, 0.0F)), 0ms);
}

// Without steady loudness: the sign changes, and every seventh sample is louder.
std::vector<float> noise(std::size_t samples, float level) {
  std::vector<float> all(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    all[i] = (i % 2 == 0 ? level : -level) * (i % 7 == 0 ? 1.5F : 1.0F);
  }
  return all;
}

TEST(SpeechLevel, APauseGoesOnInSilenceAndInTheNoiseThatFillsIt) {
  SpeechLevel level;
  for (int windows = 0; windows < 5; ++windows) level.add(window(0, 0));
  EXPECT_TRUE(level.goes_on_in(noise(100, 0.001F), 0ms)) << "far below the voice";
  EXPECT_FALSE(level.goes_on_in(noise(100, 0.05F), 0ms)) << "nothing is known of the pause yet";
  for (int windows = 0; windows < 3; ++windows) level.add(noise(512, 0.05F));
  EXPECT_TRUE(level.goes_on_in(noise(500, 0.05F), 96ms));
  EXPECT_TRUE(level.goes_on_in({}, 96ms));
}

TEST(SpeechLevel, APauseIsOverWhereAVoiceSetsIn) {
  SpeechLevel level;
  for (int windows = 0; windows < 5; ++windows) level.add(window(0, 0));
  for (int windows = 0; windows < 10; ++windows) level.add(noise(512, 0.05F));
  std::vector<float> resumed = noise(320, 0.05F);
  for (std::size_t i = 256; i < 320; ++i) resumed[i] = 0.12F;
  EXPECT_TRUE(level.goes_on_in(std::span(resumed).first(256), 320ms));
  EXPECT_FALSE(level.goes_on_in(resumed, 320ms)) << "4 ms of it";
}

TEST(SpeechLevel, ForgetsALoudSpeakerInTime) {
  SpeechLevel level;
  level.add(window(0, 0));
  for (int windows = 0; windows < 300; ++windows) level.add(std::vector<float>(512, 0.009F));
  EXPECT_EQ(level.add(std::vector<float>(512, 0.009F)), 0ms);
}

}  // namespace
}  // namespace antiphon::pipeline::turns
