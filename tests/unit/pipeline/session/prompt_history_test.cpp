#include "pipeline/session/prompt_history.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/pipeline/session/session_parts.h"

namespace antiphon::pipeline {
namespace {

models::text::AssistantPrompt opening() {
  models::text::AssistantPrompt prompt;
  prompt.system = "Be short.";
  return prompt;
}

class PromptHistoryTest : public ::testing::Test {
 protected:
  PromptHistoryTest() : history_(parts_.networks().chat) { history_.set_opening(opening()); }

  // Marks are left out: a line for each message.
  std::string prompt(const std::vector<ConversationItem>& items, const ConversationItem* next = nullptr,
                     int tokens_max = 1000) {
    return parts_.networks().tokenizer->decode(history_.tokens(items, next, tokens_max));
  }

  SessionParts parts_;
  PromptHistory history_;
};

const std::string kOpening = "system\nBe short.\n";

TEST_F(PromptHistoryTest, SaysWhoSaidWhatAfterTheOpening) {
  EXPECT_EQ(prompt({}), kOpening);
  EXPECT_FALSE(history_.ends_with_user());
  EXPECT_EQ(prompt({spoken("a", Role::kUser, "Bata."), spoken("b", Role::kAssistant, "Bare.")}),
            kOpening + "user\nBata.\nassistant\nBare.\n");
  EXPECT_FALSE(history_.ends_with_user());
}

TEST_F(PromptHistoryTest, TurnsWithoutAReplyBetweenThemAreOneMessage) {
  const ConversationItem next = spoken("c", Role::kUser, "basi");
  EXPECT_EQ(prompt({spoken("a", Role::kUser, "Bata"), spoken("b", Role::kAssistant, "")}, &next),
            kOpening + "user\nBata basi\n");
  EXPECT_TRUE(history_.ends_with_user());
}

TEST_F(PromptHistoryTest, WhatHasNoWordsYetIsLeftOut) {
  EXPECT_EQ(prompt({spoken("a", Role::kUser, "")}), kOpening);
  EXPECT_EQ(prompt({spoken("a", Role::kUser, "Bata.")}), kOpening + "user\nBata.\n");
}

TEST_F(PromptHistoryTest, ACallThatWasNotFinishedIsLeftOut) {
  ConversationItem call{WireId("b"), ItemStatus::kIncomplete, FunctionCall{WireId("c"), "look", "{\"at"}};
  EXPECT_EQ(prompt({spoken("a", Role::kUser, "Bata."), call}), kOpening + "user\nBata.\n");
  call.status = ItemStatus::kCompleted;
  EXPECT_NE(prompt({spoken("a", Role::kUser, "Bata."), call}), kOpening + "user\nBata.\n");
}

TEST_F(PromptHistoryTest, ACutReplyReplacesTheWholeOne) {
  const ConversationItem user = spoken("a", Role::kUser, "Bata.");
  EXPECT_EQ(prompt({user, spoken("b", Role::kAssistant, "Bare basi bavo.")}),
            kOpening + "user\nBata.\nassistant\nBare basi bavo.\n");
  EXPECT_EQ(prompt({user, spoken("b", Role::kAssistant, "Bare")}),
            kOpening + "user\nBata.\nassistant\nBare\n");
}

TEST_F(PromptHistoryTest, AFullContextLosesWholeTurnsFromTheFrontForGood) {
  std::vector<ConversationItem> items;
  for (int turn = 0; turn < 6; ++turn) {
    const std::string number = std::to_string(turn);
    items.push_back(spoken(("u" + number).c_str(), Role::kUser, "Ask " + number));
    items.push_back(spoken(("a" + number).c_str(), Role::kAssistant, "Say " + number));
  }
  const int room = 120;
  const std::string cut = prompt(items, nullptr, room);
  ASSERT_TRUE(cut.starts_with(kOpening));
  const std::string kept = cut.substr(kOpening.size());
  EXPECT_TRUE(kept.starts_with("user\n")) << kept;
  EXPECT_TRUE(kept.ends_with("assistant\nSay 5\n")) << kept;
  EXPECT_EQ(kept.find("Ask 0"), std::string::npos);
  // It grows from there: what was cut does not come back when there is room.
  items.push_back(spoken("u6", Role::kUser, "Ask 6"));
  EXPECT_EQ(prompt(items, nullptr, 1000), cut + "user\nAsk 6\n");
}

TEST_F(PromptHistoryTest, ANoteStandsBeforeOrBehindItsMessageAndStays) {
  const ConversationItem next = spoken("", Role::kUser, "Bata.");
  history_.set_note(WireId(), "Dafo.", "Gavi.");
  const std::string noted = kOpening + "system\nDafo.\nuser\nBata.\nsystem\nGavi.\n";
  EXPECT_EQ(prompt({}, &next), noted);
  EXPECT_TRUE(history_.ends_with_user());
  history_.name_spoken(WireId("a"));
  const std::vector<ConversationItem> items = {spoken("a", Role::kUser, "Bata."),
                                               spoken("b", Role::kAssistant, "Bare.")};
  EXPECT_EQ(prompt(items), noted + "assistant\nBare.\n");
  const ConversationItem more = spoken("", Role::kUser, "basi");
  EXPECT_EQ(prompt(items, &more), noted + "assistant\nBare.\nuser\nbasi\n");
  history_.set_note(WireId("a"), "Dafo.", "");
  EXPECT_EQ(prompt({items[0]}, &more), kOpening + "system\nDafo.\nuser\nBata. basi\n");
}

}  // namespace
}  // namespace antiphon::pipeline
