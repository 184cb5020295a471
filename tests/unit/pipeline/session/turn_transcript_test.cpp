#include "pipeline/session/turn_transcript.h"

#include <gtest/gtest.h>

namespace antiphon::pipeline {
namespace {

using turns::AudioTime;
using Kind = TurnTranscript::Kind;

TEST(TurnTranscript, AsksForAPartialOnlyAfterEnoughNewAudio) {
  TurnTranscript turn;
  turn.begin(AudioTime(1000));
  EXPECT_FALSE(turn.next(AudioTime(1399), true, true));
  const auto partial = turn.next(AudioTime(1400), true, true);
  ASSERT_TRUE(partial);
  EXPECT_EQ(partial->kind, Kind::kPartial);
  EXPECT_EQ(partial->begin, AudioTime(1000));
  EXPECT_FALSE(turn.next(AudioTime(1900), true, true)) << "one is in flight";
  EXPECT_EQ(turn.on_text(*partial, "What"), "What");
  EXPECT_FALSE(turn.next(AudioTime(1900), true, false)) << "nobody wants to see them";
}

TEST(TurnTranscript, KeepsClosedSegmentsAndJoinsTheFinalOne) {
  TurnTranscript turn;
  turn.begin(AudioTime(0));
  turn.on_pause(AudioTime(6000));
  const auto closing = turn.next(AudioTime(7000), true, false);
  ASSERT_TRUE(closing);
  EXPECT_EQ(closing->kind, Kind::kClosing);
  EXPECT_EQ(turn.on_text(*closing, "One two."), "One two.");
  turn.want_final(Generation{3}, AudioTime(9000));
  const auto final = turn.next(AudioTime(9064), false, false);
  ASSERT_TRUE(final);
  EXPECT_EQ(final->kind, Kind::kFinal);
  EXPECT_EQ(final->begin, AudioTime(6000) + TurnTranscript::kTail);
  EXPECT_EQ(turn.on_text(*final, "Three."), "One two. Three.");
}

TEST(TurnTranscript, AsksAgainForARefusedFinalAndForgetsADroppedOne) {
  TurnTranscript turn;
  turn.begin(AudioTime(0));
  turn.want_final(Generation{1}, AudioTime(800));
  const auto first = turn.next(AudioTime(900), false, false);
  ASSERT_TRUE(first);
  turn.on_refused(*first);
  EXPECT_TRUE(turn.next(AudioTime(920), false, false));
  turn.on_dropped();
  EXPECT_FALSE(turn.next(AudioTime(940), false, false));
}

TEST(TurnTranscript, IgnoresTextOfAnEarlierTurn) {
  TurnTranscript turn;
  turn.begin(AudioTime(0));
  const auto partial = turn.next(AudioTime(400), true, true);
  ASSERT_TRUE(partial);
  turn.begin(AudioTime(2000));
  EXPECT_EQ(turn.on_text(*partial, "Old"), "");
}

}  // namespace
}  // namespace antiphon::pipeline
