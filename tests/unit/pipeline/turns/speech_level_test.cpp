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

TEST(SpeechLevel, ForgetsALoudSpeakerInTime) {
  SpeechLevel level;
  level.add(window(0, 0));
  for (int windows = 0; windows < 300; ++windows) level.add(std::vector<float>(512, 0.009F));
  EXPECT_EQ(level.add(std::vector<float>(512, 0.009F)), 0ms);
}

}  // namespace
}  // namespace antiphon::pipeline::turns
