#include "pipeline/metrics/engine_metrics.h"

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <memory>
#include <string>

#include "pipeline/engine/turn_log.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

std::string text_of(const EngineReport& report) {
  return prometheus::TextSerializer().Serialize(engine_metrics(report));
}

testing::AssertionResult has_line(const std::string& text, const std::string& line) {
  if (("\n" + text).find("\n" + line + "\n") != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "no line \"" << line << "\" in\n" << text;
}

TEST(EngineMetrics, ATurnCountsInTheHistogramOfEachStageThatItReached) {
  TurnLog log(nullptr);
  TurnTrace trace;
  trace.speech_end = Time(milliseconds(1000));
  trace.decided = Time(milliseconds(1210));
  trace.first_audio_sent = Time(milliseconds(1330));
  trace.speculated = true;
  log.on_turn(trace);
  log.on_speculation_dropped();
  EngineReport report;
  report.turns = log.report();
  const std::string text = text_of(report);
  EXPECT_TRUE(has_line(text, "antiphon_turn_stage_seconds_bucket{stage=\"decided\",le=\"0.2\"} 0"));
  EXPECT_TRUE(has_line(text, "antiphon_turn_stage_seconds_bucket{stage=\"decided\",le=\"0.25\"} 1"));
  EXPECT_TRUE(has_line(text, "antiphon_turn_stage_seconds_bucket{stage=\"decided\",le=\"+Inf\"} 1"));
  EXPECT_TRUE(has_line(text, "antiphon_turn_stage_seconds_sum{stage=\"first_audio_sent\"} 0.33"));
  EXPECT_TRUE(has_line(text, "antiphon_turn_stage_seconds_count{stage=\"first_token\"} 0"));
  EXPECT_TRUE(has_line(text, "antiphon_turns_total{speculation=\"paid\"} 1"));
  EXPECT_TRUE(has_line(text, "antiphon_speculations_dropped_total 1"));
}

TEST(EngineMetrics, ShowQueuesWithTheirLimitsAndWhatTheyRefused) {
  EngineReport report;
  report.sessions = 3;
  report.seats = 16;
  report.voice_windows = {2, 64, 5};
  report.media.ticks_skipped = 7;
  report.compute = std::make_unique<ComputeExecutor::Report>();
  report.compute->ends[static_cast<std::size_t>(TaskEnd::kLate)] = 4;
  const std::string text = text_of(report);
  EXPECT_TRUE(has_line(text, "antiphon_sessions 3"));
  EXPECT_TRUE(has_line(text, "antiphon_seats 16"));
  EXPECT_TRUE(has_line(text, "antiphon_queue_waiting{queue=\"voice_windows\"} 2"));
  EXPECT_TRUE(has_line(text, "antiphon_queue_limit{queue=\"voice_windows\"} 64"));
  EXPECT_TRUE(has_line(text, "antiphon_queue_refused_total{queue=\"voice_windows\"} 5"));
  EXPECT_TRUE(has_line(text, "antiphon_ticks_skipped_total 7"));
  EXPECT_TRUE(has_line(text, "antiphon_tasks_total{end=\"late\"} 4"));
}

}  // namespace
}  // namespace antiphon::pipeline
