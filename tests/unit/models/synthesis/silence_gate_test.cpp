#include "models/synthesis/silence_gate.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <vector>

namespace antiphon::models::synthesis {
namespace {

constexpr int kHop = SilenceGate::kHop;

// One hop for each letter: 'x' loud, 'f' faint (a soft onset), '.' silent.
std::vector<float> gated(SilenceGate& gate, std::string_view hops, bool finish = true) {
  std::vector<float> out;
  for (const char letter : hops) {
    std::array<float, kHop> hop;
    hop.fill(letter == 'x' ? 0.1f : letter == 'f' ? 0.0015f : 0.0001f);
    gate.add(hop, out);
  }
  if (finish) gate.finish(out);
  return out;
}

TEST(SilenceGateTest, LeavesOutTheSilenceBefore) {
  SilenceGate gate({.first_hop = 10, .tail_begins = 100, .pause_hops = 4});
  EXPECT_EQ(gated(gate, "....xx").size(), 3u * kHop);
  EXPECT_EQ(gate.started_at(), 13);
}

TEST(SilenceGateTest, ASoftOnsetCounts) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 100, .pause_hops = 4});
  EXPECT_EQ(gated(gate, "...fxx").size(), 4u * kHop);
}

TEST(SilenceGateTest, StartsAtOnceWithoutSilence) {
  SilenceGate gate({.first_hop = 5, .tail_begins = 100, .pause_hops = 4});
  EXPECT_EQ(gated(gate, "xx").size(), 2u * kHop);
  EXPECT_EQ(gate.started_at(), 5);
}

TEST(SilenceGateTest, KeepsThePauseAfter) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 2, .pause_hops = 4});
  EXPECT_EQ(gated(gate, "xxx.......").size(), 7u * kHop);
  EXPECT_EQ(gate.silent_from(), 3);
}

TEST(SilenceGateTest, DoesNotTouchSilenceInside) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 30, .pause_hops = 1});
  EXPECT_EQ(gated(gate, "x.........................x").size(), 27u * kHop);
}

TEST(SilenceGateTest, GivesBackTheSilenceBeforeALateSound) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 1, .pause_hops = 2});
  EXPECT_EQ(gated(gate, "x.....x......").size(), 9u * kHop);
  EXPECT_EQ(gate.silent_from(), 7);
}

TEST(SilenceGateTest, IsOverAfterEnoughSilenceInTheTail) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 1, .pause_hops = 2});
  gated(gate, "x...................", false);  // 19 silent hops
  EXPECT_FALSE(gate.over());
  gated(gate, ".", false);
  EXPECT_TRUE(gate.over());
}

TEST(SilenceGateTest, NothingHeardGivesNothing) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 0, .pause_hops = 20});
  EXPECT_TRUE(gated(gate, "..............................").empty());
  EXPECT_FALSE(gate.started_at());
  EXPECT_FALSE(gate.over());
}

TEST(SilenceGateTest, FadesTheCutEnds) {
  SilenceGate gate({.first_hop = 0, .tail_begins = 1, .pause_hops = 2});
  const auto out = gated(gate, "xx.....");
  EXPECT_EQ(out.front(), 0.0f);
  EXPECT_EQ(out.back(), 0.0f);
  EXPECT_FLOAT_EQ(out[kHop], 0.1f);
}

}  // namespace
}  // namespace antiphon::models::synthesis
