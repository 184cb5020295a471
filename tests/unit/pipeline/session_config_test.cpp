#include "pipeline/session_config.h"

#include <gtest/gtest.h>

namespace antiphon::pipeline {
namespace {

using namespace std::chrono_literals;

TEST(SessionConfig, KeepsWhatAnUpdateDoesNotName) {
  SessionConfig config;
  config.instructions = "Be brief.";
  config.voice = "cedar";
  SessionUpdate update;
  update.voice = "marin";
  update.model = "another";
  const SessionConfig after = updated(config, update);
  EXPECT_EQ(after.instructions, "Be brief.");
  EXPECT_EQ(after.voice, "marin");
  EXPECT_EQ(after.model, "antiphon");
}

TEST(SessionConfig, ClearsWhatAnUpdateEmpties) {
  SessionConfig config;
  config.instructions = "Be brief.";
  config.transcription = Transcription{"m", "", ""};
  config.max_output_tokens = 7;
  SessionUpdate update;
  update.instructions = "";
  update.transcription = std::optional<Transcription>();
  update.max_output_tokens = TokenLimit();
  const SessionConfig after = updated(config, update);
  EXPECT_EQ(after.instructions, "");
  EXPECT_FALSE(after.transcription);
  EXPECT_FALSE(after.max_output_tokens);
}

TEST(SessionConfig, TakesAnotherKindOfTurnDetectionWithItsDefaults) {
  SessionConfig config;
  config.turn_detection.silence_duration = 900ms;
  config.turn_detection.create_response = false;
  SessionUpdate same;
  same.turn_detection = TurnDetectionUpdate{};
  same.turn_detection->kind = TurnDetection::Kind::kServerVad;
  same.turn_detection->threshold = 0.7F;
  const SessionConfig kept = updated(config, same);
  EXPECT_EQ(kept.turn_detection.silence_duration, 900ms);
  EXPECT_EQ(kept.turn_detection.threshold, 0.7F);
  EXPECT_FALSE(kept.turn_detection.create_response);

  SessionUpdate other;
  other.turn_detection = TurnDetectionUpdate{};
  other.turn_detection->kind = TurnDetection::Kind::kSemanticVad;
  const SessionConfig changed = updated(config, other);
  EXPECT_EQ(changed.turn_detection.silence_duration, 500ms);
  EXPECT_TRUE(changed.turn_detection.create_response);
}

}  // namespace
}  // namespace antiphon::pipeline
