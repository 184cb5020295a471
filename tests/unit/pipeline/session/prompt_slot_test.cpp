#include "pipeline/session/prompt_slot.h"

#include <gtest/gtest.h>

#include <string>

#include "pipeline/session/token_pickers.h"
#include "tests/unit/pipeline/session/session_parts.h"

namespace antiphon::pipeline {
namespace {

using Purpose = PromptRequest::Purpose;

class PromptSlotTest : public ::testing::Test {
 protected:
  std::vector<models::Token> prompt(const std::string& user_words) {
    std::vector<models::Token> tokens;
    const auto& chat = *parts_.networks().chat;
    chat.append({models::text::ChatRole::kUser, user_words, {}}, &tokens);
    chat.append_reply_start(&tokens);
    return tokens;
  }
  void ask(Purpose purpose, int generation, const std::string& user_words) {
    PromptRequest request;
    request.purpose = purpose;
    request.generation = Generation{static_cast<std::uint64_t>(generation)};
    request.prompt = prompt(user_words);
    if (purpose != Purpose::kWarm) {
      request.tokens_max = 60;
      request.picker = std::make_unique<ReplyPicker>(parts_.networks().chat, models::SamplingOptions{}, 1);
    }
    slot_.ask(std::move(request));
  }
  // Runs all that was asked; what was heard of it.
  std::vector<PromptSlot::Heard> run() {
    std::vector<PromptSlot::Heard> heard;
    while (slot_.busy()) {
      parts_.run_lanes(Time());
      while (const auto event = parts_.next<TokenEvent>()) {
        if (const auto some = slot_.on_event(*event)) heard.push_back(*some);
      }
    }
    return heard;
  }

  SessionParts parts_;
  PromptSlot slot_{parts_.context(), models::Slot{0}};
};

TEST_F(PromptSlotTest, GivesTheTokensOfAReplyAndItsEnd) {
  ask(Purpose::kReply, 1, "bata");
  const auto heard = run();
  ASSERT_GE(heard.size(), 2U);
  EXPECT_EQ(heard.back().end, TokenEnd::kStopped);
  EXPECT_EQ(heard.front().cached_tokens, 0);
  EXPECT_TRUE(slot_.idle());
}

TEST_F(PromptSlotTest, AWarmPromptGivesWayAndItsTokensAreKept) {
  ask(Purpose::kWarm, 0, "bata");
  parts_.run_lanes(Time(), 2);
  ask(Purpose::kReply, 1, "bata");
  const auto heard = run();
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.front().purpose, Purpose::kReply) << "nothing is heard of the warm one";
  EXPECT_TRUE(parts_.faults().empty());
}

TEST_F(PromptSlotTest, OfADroppedGenerationNothingIsHeard) {
  ask(Purpose::kReply, 1, "bata bare");
  ask(Purpose::kReply, 2, "basi");
  parts_.run_lanes(Time(), 3);
  slot_.drop(Generation{1});
  for (const PromptSlot::Heard& heard : run()) EXPECT_EQ(heard.generation, Generation{2});
  EXPECT_TRUE(slot_.idle());
  EXPECT_TRUE(parts_.faults().empty());
}

TEST_F(PromptSlotTest, TheSameBeginningIsNotReadAgain) {
  ask(Purpose::kReply, 1, "bata");
  static_cast<void>(run());
  ask(Purpose::kReply, 2, "bata");
  const auto heard = run();
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.front().cached_tokens, heard.front().prompt_tokens - 1);
}

}  // namespace
}  // namespace antiphon::pipeline
