#include "pipeline/runtime/doorbell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

TEST(Doorbell, RemembersARingUntilOneWaitTakesIt) {
  Doorbell bell;
  EXPECT_FALSE(bell.try_take());
  bell.ring();
  bell.ring();
  bell.wait();
  EXPECT_FALSE(bell.try_take());
}

TEST(Doorbell, ATimeThatHasPassedStillTakesARing) {
  Doorbell bell;
  const Time past = Clock::now() - milliseconds(5);
  EXPECT_FALSE(bell.wait_until(past));
  EXPECT_FALSE(bell.wait_until(Time::min()));
  bell.ring();
  EXPECT_TRUE(bell.wait_until(past));
}

TEST(Doorbell, WaitsUntilItsTimeAndNotLess) {
  Doorbell bell;
  const Time until = Clock::now() + milliseconds(3);
  EXPECT_FALSE(bell.wait_until(until));
  EXPECT_GE(Clock::now(), until);
}

TEST(Doorbell, ARingEndsAWaitThatWouldLastForever) {
  Doorbell bell;
  std::thread ringer([&] { bell.ring(); });
  EXPECT_TRUE(bell.wait_until(Time::max()));
  ringer.join();
}

// A counter that is not atomic: a missing order between ring() and wait() is a race that ThreadSanitizer
// sees, a lost ring hangs.
TEST(Doorbell, TwoThreadsTakeTurnsWithoutLosingARing) {
  constexpr int kRounds = 5000;
  Doorbell ping;
  Doorbell pong;
  int shared = 0;
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      ping.wait();
      ++shared;
      pong.ring();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    ++shared;
    ping.ring();
    pong.wait();
  }
  other.join();
  EXPECT_EQ(shared, 2 * kRounds);
}

TEST(Doorbell, SeveralWaitersAreAllWokenWhenEachPassesItOn) {
  Doorbell bell;
  std::atomic<bool> stop = false;
  std::vector<std::thread> waiters;
  for (int i = 0; i < 4; ++i) {
    waiters.emplace_back([&] {
      while (!stop) bell.wait();
      bell.ring();
    });
  }
  stop = true;
  bell.ring();
  for (std::thread& waiter : waiters) waiter.join();
  EXPECT_TRUE(bell.try_take()) << "the last one's";
}

}  // namespace
}  // namespace antiphon::pipeline
