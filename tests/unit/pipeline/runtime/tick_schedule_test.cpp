#include "pipeline/runtime/tick_schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <vector>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Time kOrigin = Time(seconds(1000));

TEST(TickSchedule, HasNoTickWithoutASession) {
  TickSchedule schedule(kOrigin);
  EXPECT_FALSE(schedule.peek());
  const Phase phase = schedule.join(kOrigin);
  EXPECT_TRUE(schedule.peek());
  schedule.leave(phase);
  EXPECT_FALSE(schedule.peek());
}

TEST(TickSchedule, TicksAreOnAnAbsoluteGridHoweverLateTheWorkerIs) {
  TickSchedule schedule(kOrigin);
  const Phase phase = schedule.join(kOrigin);
  const Duration offset = static_cast<int>(phase) * TickSchedule::kPhaseStep;
  for (int n = 0; n < 100; ++n) {
    const TickSchedule::Tick tick = schedule.peek().value();
    EXPECT_EQ(tick.phase, phase);
    EXPECT_EQ(tick.number, n);
    EXPECT_EQ(tick.due, kOrigin + offset + n * kTickPeriod);
    const Duration lateness = milliseconds(n % 70);
    EXPECT_EQ(schedule.advance(tick.due + lateness), 0);
  }
}

TEST(TickSchedule, SessionsAreSpreadEvenly) {
  TickSchedule schedule(kOrigin);
  std::vector<int> phases;
  for (int i = 0; i < 30; ++i) phases.push_back(static_cast<int>(schedule.join(kOrigin)));
  for (int phase = 0; phase < TickSchedule::kPhases; ++phase) {
    EXPECT_EQ(schedule.sessions(Phase{static_cast<std::uint8_t>(phase)}), 3);
  }
  EXPECT_EQ(std::abs(phases[0] - phases[1]), TickSchedule::kPhases / 2)
      << "two sessions are half a period apart";
}

TEST(TickSchedule, EachPhaseTicksOncePerPeriodInTheOrderOfTime) {
  TickSchedule schedule(kOrigin);
  for (int i = 0; i < 4; ++i) schedule.join(kOrigin);
  std::map<Phase, int> ticks;
  Time last = kOrigin - milliseconds(1);
  while (schedule.peek()->due < kOrigin + 50 * kTickPeriod) {
    const TickSchedule::Tick tick = *schedule.peek();
    EXPECT_GT(tick.due, last);
    last = tick.due;
    ++ticks[tick.phase];
    schedule.advance(tick.due);
  }
  EXPECT_EQ(ticks.size(), 4U);
  for (const auto& [phase, count] : ticks) EXPECT_EQ(count, 50);
}

TEST(TickSchedule, ASessionThatJoinsLaterHasNoTickInItsPast) {
  TickSchedule schedule(kOrigin);
  schedule.join(kOrigin);
  const Time later = kOrigin + milliseconds(133);  // the worker is late by some periods
  const Phase second = schedule.join(later);
  for (int i = 0; i < 40; ++i) {
    const TickSchedule::Tick tick = *schedule.peek();
    if (tick.phase == second) {
      EXPECT_GE(tick.due, later);
    }
    schedule.advance(later);
  }
}

TEST(TickSchedule, AfterAPauseWithoutSessionsItBeginsAtTheTime) {
  TickSchedule schedule(kOrigin);
  schedule.leave(schedule.join(kOrigin));
  const Time later = kOrigin + seconds(60);
  schedule.join(later);
  EXPECT_GE(schedule.peek()->due, later);
  EXPECT_LT(schedule.peek()->due, later + kTickPeriod);
}

TEST(TickSchedule, AWorkerThatSleptSkipsAndSaysHowMuch) {
  TickSchedule schedule(kOrigin);
  schedule.join(kOrigin);
  schedule.join(kOrigin);
  const Time now = kOrigin + seconds(2) + milliseconds(1);
  const int skipped = schedule.advance(now);
  const TickSchedule::Tick next = *schedule.peek();
  EXPECT_GE(next.due, now);
  EXPECT_LT(next.due, now + kTickPeriod);
  // Two sessions had 101 and 100 ticks up to `now`; one was run.
  EXPECT_EQ(skipped, 200);
}

}  // namespace
}  // namespace antiphon::pipeline
