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

TEST(RateGate, SaysWhatIsLeft) {
  RateGate gate(60);
  EXPECT_EQ(gate.left(kStart).units, 60);
  EXPECT_EQ(gate.left(kStart).until_full, 0ns);
  EXPECT_TRUE(gate.take(15, kStart));
  EXPECT_EQ(gate.left(kStart).units, 45);
  EXPECT_EQ(gate.left(kStart).until_full, 15s);
  EXPECT_NEAR(static_cast<double>(gate.left(kStart + 5s).units), 50, 1);
}

}  // namespace
}  // namespace antiphon::server
