#include "pipeline/session/slot_tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace antiphon::pipeline {
namespace {

using models::Token;
using testing::ElementsAre;
using testing::ElementsAreArray;

std::vector<Token> holds(const SlotTokens& slot) {
  return {slot.tokens().begin(), slot.tokens().end()};
}

TEST(SlotTokens, AGrowingPromptIsOnlyAppendedTo) {
  SlotTokens slot;
  slot.begin(slot.change_to(std::vector<Token>{1, 2, 3}));
  const SlotTokens::Change change = slot.change_to(std::vector<Token>{1, 2, 3, 4, 5});
  EXPECT_EQ(change.start_length, 3);
  EXPECT_THAT(change.append, ElementsAre(4, 5));
}

TEST(SlotTokens, ReadsTheLastTokenAgainForItsLogits) {
  SlotTokens slot;
  slot.assume(std::vector<Token>{1, 2, 3});
  const SlotTokens::Change change = slot.change_to(std::vector<Token>{1, 2, 3});
  EXPECT_EQ(change.start_length, 2);
  EXPECT_THAT(change.append, ElementsAre(3));
  EXPECT_EQ(slot.change_to(std::vector<Token>{1}).start_length, 0);
}

TEST(SlotTokens, KeepsWhatTheReplyAndTheHistoryShare) {
  SlotTokens slot;
  slot.begin(slot.change_to(std::vector<Token>{1, 2}));
  for (const Token token : {7, 8, 9}) slot.add_produced(token);
  slot.end(4);  // cancelled: the last token was never read
  EXPECT_THAT(holds(slot), ElementsAre(1, 2, 7, 8));
  const SlotTokens::Change change = slot.change_to(std::vector<Token>{1, 2, 7, 5});  // only 7 was heard
  EXPECT_EQ(change.start_length, 3);
  EXPECT_THAT(change.append, ElementsAre(5));
}

TEST(SlotTokens, AnyChangeGivesWhatWasWanted) {
  std::mt19937 random(1);
  SlotTokens slot;
  for (int round = 0; round < 2000; ++round) {
    std::vector<Token> wanted = holds(slot);
    wanted.resize(std::uniform_int_distribution<std::size_t>(0, wanted.size())(random));
    const int more = std::uniform_int_distribution(wanted.empty() ? 1 : 0, 4)(random);
    for (int i = 0; i < more; ++i) wanted.push_back(std::uniform_int_distribution(0, 2)(random));
    const SlotTokens::Change change = slot.change_to(wanted);
    ASSERT_FALSE(change.append.empty());
    slot.begin(change);
    ASSERT_THAT(holds(slot), ElementsAreArray(wanted));
    slot.end(std::uniform_int_distribution(change.start_length, static_cast<int>(wanted.size()))(random));
  }
}

}  // namespace
}  // namespace antiphon::pipeline
