#include "pipeline/compute/overload_ladder.h"

#include <gtest/gtest.h>

#include <chrono>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kInterval{200};

class OverloadLadderTest : public testing::Test {
 protected:
  void run(int intervals, int late_steps_each, int steps_each = 20) {
    for (int step = 0; step < intervals * steps_each; ++step) {
      const bool late = step % steps_each < late_steps_each;
      ladder_.observe_step(Deadline(late ? now_ - milliseconds(1) : now_ + milliseconds(1)), now_);
      now_ += kInterval / steps_each;
    }
  }

  OverloadLadder ladder_{OverloadLadder::Config{}};
  Time now_ = Time(seconds(5));
};

TEST_F(OverloadLadderTest, StaysDownWithoutLateSteps) {
  run(50, 0);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNone);
}

TEST_F(OverloadLadderTest, FewLateStepsAreAHiccup) {
  run(50, 2);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNone);
}

TEST_F(OverloadLadderTest, ClimbsOneLevelForEachOverloadedIntervalUpToTheTop) {
  run(2, 5);  // the second closes the first
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNoSpeculation);
  run(1, 5);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kFewerPartials);
  run(10, 5);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNoPartials);
  EXPECT_EQ(ladder_.times_reached(OverloadLevel::kNoSpeculation), 1U);
  EXPECT_EQ(ladder_.times_reached(OverloadLevel::kNoPartials), 1U);
}

TEST_F(OverloadLadderTest, ComesDownOneLevelAfterCalmIntervals) {
  run(4, 5);
  ASSERT_EQ(ladder_.level(), OverloadLevel::kNoPartials);
  run(10, 0);  // closes the fourth overloaded interval and nine calm ones
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNoPartials);
  run(1, 0);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kFewerPartials);
  run(20, 0);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNone);
}

TEST_F(OverloadLadderTest, AHiccupDoesNotKeepTheLevel) {
  run(2, 5);
  ASSERT_EQ(ladder_.level(), OverloadLevel::kNoSpeculation);
  run(10, 2);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kFewerPartials) << "the fifth interval was closed by the next";
  run(21, 2);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNone);
}

TEST_F(OverloadLadderTest, AFewLateStepsAmongManyKeepTheLevel) {
  run(2, 5);
  run(100, 3, 40);
  EXPECT_EQ(ladder_.level(), OverloadLevel::kFewerPartials) << "not enough to climb, too many to come down";
}

TEST_F(OverloadLadderTest, AnIdleMachineComesDownToo) {
  run(4, 5);
  ASSERT_EQ(ladder_.level(), OverloadLevel::kNoPartials);
  ladder_.observe_time(now_ + seconds(60));
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNone);
}

TEST_F(OverloadLadderTest, WorkWithoutADeadlineDoesNotCount) {
  for (int i = 0; i < 200; ++i) {
    ladder_.observe_step(Deadline::at_once(), now_);
    ladder_.observe_step(Deadline::never(), now_);
    now_ += milliseconds(10);
  }
  EXPECT_EQ(ladder_.level(), OverloadLevel::kNone);
}

}  // namespace
}  // namespace antiphon::pipeline
