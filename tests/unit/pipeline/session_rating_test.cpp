#include "pipeline/engine/session_rating.h"

#include <gtest/gtest.h>

#include <chrono>

namespace antiphon::pipeline {
namespace {

using namespace std::chrono_literals;

WorkCosts costs() {
  WorkCosts costs;
  costs.voice_window = 100us;
  costs.end_of_turn = 40ms;
  costs.heard_second = 100ms;
  costs.read_token = 1ms;
  costs.written_token = 5ms;
  costs.spoken_second = 200ms;
  return costs;
}

TEST(SessionRating, AddsUpWhatASecondOfATalkTakes) {
  // (3 * 3 s * 100 ms + 2 * 40 + 40 * 1 + 20 * 5 + 3.5 s * 200 ms) / 8 s + 31.25 * 0.1 ms
  EXPECT_NEAR(static_cast<double>(work_of_session_second(costs()).count()), 230.625e6, 1e3);
}

TEST(SessionRating, FillsAShareOfTheProcessors) {
  EXPECT_EQ(rated_sessions(costs(), 2), 3);
  EXPECT_EQ(rated_sessions(costs(), 16), 25);
}

TEST(SessionRating, IsAtLeastOneAndStaysFinite) {
  WorkCosts slow = costs();
  slow.spoken_second = 10s;
  EXPECT_EQ(rated_sessions(slow, 1), 1);
  EXPECT_EQ(rated_sessions(WorkCosts{}, 1), 370'000);
}

}  // namespace
}  // namespace antiphon::pipeline
