#include "pipeline/turns/endpointer.h"

#include <gtest/gtest.h>

#include <limits>

namespace antiphon::pipeline::turns {
namespace {

using namespace std::chrono_literals;

constexpr Eagerness kAll[] = {Eagerness::kLow, Eagerness::kMedium, Eagerness::kHigh};

AudioTime semantic_wait(Eagerness eagerness, const TurnCues& cues) {
  TurnDetection detection;
  detection.kind = TurnDetection::Kind::kSemanticVad;
  detection.eagerness = eagerness;
  return *silence_needed(detection, cues);
}

TEST(Endpointer, ServerVadNeedsItsSilenceWhateverTheCues) {
  TurnDetection detection;
  detection.silence_duration = 370ms;
  EXPECT_EQ(silence_needed(detection, {}), 370ms);
  EXPECT_EQ(silence_needed(detection, {.sound_complete = 1.0f, .text_end_log_probability = 0.0f}), 370ms);
}

TEST(Endpointer, PushToTalkNeverEndsATurn) {
  TurnDetection detection;
  detection.kind = TurnDetection::Kind::kPushToTalk;
  EXPECT_EQ(silence_needed(detection, {}), std::nullopt);
}

TEST(Endpointer, SureIsShortAndUnsureIsTheEagernesssLimit) {
  for (const Eagerness eagerness : kAll) {
    EXPECT_EQ(semantic_wait(eagerness, {.sound_complete = 0.01f, .text_end_log_probability = -20.0f}),
              semantic_wait_max(eagerness));
  }
  const TurnCues sure{.sound_complete = 0.99f, .text_end_log_probability = -0.1f};
  EXPECT_EQ(semantic_wait(Eagerness::kHigh, sure), kSemanticWaitMin);
  EXPECT_LE(semantic_wait(Eagerness::kMedium, sure), 250ms);
}

TEST(Endpointer, MoreSureOrMoreEagerIsNeverSlower) {
  for (float sound = 0; sound <= 1; sound += 0.1f) {
    for (float text = -10; text <= 0; text += 0.5f) {
      const TurnCues cues{.sound_complete = sound, .text_end_log_probability = text};
      for (const Eagerness eagerness : kAll) {
        const AudioTime wait = semantic_wait(eagerness, cues);
        EXPECT_GE(wait, kSemanticWaitMin);
        EXPECT_LE(wait, semantic_wait_max(eagerness));
        EXPECT_LE(semantic_wait(eagerness, {sound + 0.1f, text}), wait);
        EXPECT_LE(semantic_wait(eagerness, {sound, text + 0.5f}), wait);
      }
      EXPECT_LE(semantic_wait(Eagerness::kHigh, cues), semantic_wait(Eagerness::kMedium, cues));
      EXPECT_LE(semantic_wait(Eagerness::kMedium, cues), semantic_wait(Eagerness::kLow, cues));
    }
  }
}

TEST(Endpointer, ACueThatIsMissingOrNoNumberCountsAsDoubtful) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Eagerness eagerness : kAll) {
    const AudioTime neither = semantic_wait(eagerness, {});
    EXPECT_GT(neither, kSemanticWaitMin);
    EXPECT_LT(neither, semantic_wait_max(eagerness));
    EXPECT_EQ(semantic_wait(eagerness, {.sound_complete = nan, .text_end_log_probability = nan}), neither);
    EXPECT_LT(semantic_wait(eagerness, {.sound_complete = 0.99f, .text_end_log_probability = {}}), neither);
    EXPECT_GT(semantic_wait(eagerness, {.sound_complete = {}, .text_end_log_probability = -6.0f}), neither);
  }
}

}  // namespace
}  // namespace antiphon::pipeline::turns
