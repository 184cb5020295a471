#include "pipeline/session/lane_inbox.h"

#include <gtest/gtest.h>

#include <thread>

namespace antiphon::pipeline {
namespace {

// Two lanes step the batcher in turn. An end that overtook a token would leave the session with a wrong idea
// of what the slot holds, and a token that overtook another one would change the words.
TEST(LaneInbox, TokensOfAllLanesComeInTheirOrder) {
  Doorbell bell;
  LaneInbox inbox(16, 2, &bell);
  inbox.deliver(TokenEvent{SessionId{1}, Generation{1}, std::nullopt, 100, 0});
  std::thread([&] {
    inbox.deliver(TokenEvent{SessionId{1}, Generation{1}, std::nullopt, 101, 0});
    inbox.deliver(TokenEvent{SessionId{1}, Generation{1}, TokenEnd::kStopped, 0, 2});
  }).join();
  LaneResult result;
  for (const models::Token expected : {100, 101}) {
    ASSERT_TRUE(inbox.pop(result));
    EXPECT_EQ(std::get<TokenEvent>(result).token, expected);
  }
  ASSERT_TRUE(inbox.pop(result));
  EXPECT_EQ(std::get<TokenEvent>(result).end, TokenEnd::kStopped);
}

}  // namespace
}  // namespace antiphon::pipeline
