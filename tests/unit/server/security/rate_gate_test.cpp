#include "server/security/rate_gate.h"

#include <gtest/gtest.h>

namespace antiphon::server {
namespace {

using namespace std::chrono_literals;
const RateGate::Time kStart{1000s};

TEST(RateGate, LetsAMinutesWorthThroughAtOnceAndThenItsRate) {
  RateGate gate(60);
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(gate.take(1, kStart)) << i;
  EXPECT_FALSE(gate.take(1, kStart));
  EXPECT_FALSE(gate.take(1, kStart + 900ms));
  EXPECT_TRUE(gate.take(1, kStart + 1s));
  EXPECT_FALSE(gate.take(1, kStart + 1s));
  EXPECT_TRUE(gate.take(10, kStart + 11s));
}

TEST(RateGate, ARefusalCostsNothing) {
  RateGate gate(60);
  EXPECT_FALSE(gate.take(61, kStart));
  EXPECT_TRUE(gate.take(60, kStart));
}

TEST(RateGate, SaysHowLongToWaitForWhatCannotBeRefused) {
  RateGate gate(60'000);
  EXPECT_EQ(gate.pass(60'000, kStart), 0ns);
  EXPECT_EQ(gate.pass(1000, kStart), 1s);
  EXPECT_EQ(gate.pass(1000, kStart), 2s);
  EXPECT_EQ(gate.pass(0, kStart + 2s), 0ns);
}

}  // namespace
}  // namespace antiphon::server
