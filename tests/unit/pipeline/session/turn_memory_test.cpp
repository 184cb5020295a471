#include "pipeline/session/turn_memory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/pipeline/session/session_parts.h"

namespace antiphon::pipeline {
namespace {

using About = TurnMemory::About;

// Keeps what it is asked and told.
class ListeningMemory final : public Memory {
 public:
  bool ask(std::unique_ptr<MemoryQuestion>& question) noexcept override {
    if (full) return false;
    questions.push_back(std::move(question));
    return true;
  }
  bool keep(std::unique_ptr<SaidTurn>& turn) noexcept override {
    if (full) return false;
    turns.push_back(std::move(turn));
    return true;
  }
  void on_lost() noexcept override { ++lost; }

  std::vector<std::unique_ptr<MemoryQuestion>> questions;
  std::vector<std::unique_ptr<SaidTurn>> turns;
  int lost = 0;
  bool full = false;
};

class TurnMemoryTest : public ::testing::Test {
 protected:
  TurnMemoryTest() : context_(parts_.context()) {
    context_.memory = &store_;
    memory_.emplace(context_, context_store::UserPath::of("key:phone", "igor"), now_, WallTime());
  }
  About answer(std::vector<std::string> facts, std::vector<std::string> quotes = {}) {
    return memory_->on_answer(
        {SessionId{1}, store_.questions.back()->generation, {std::move(facts), std::move(quotes)}}, now_);
  }

  SessionParts parts_;
  SessionContext context_;
  ListeningMemory store_;
  const Time now_{std::chrono::seconds(1)};
  std::optional<TurnMemory> memory_;
};

const std::string kHead = "You remember from earlier talks with the user:\n";

TEST_F(TurnMemoryTest, PutsBehindTheWordsOnlyWhatWasNotFoundWhileTheyWereSpoken) {
  memory_->begin_turn();
  EXPECT_TRUE(memory_->ask_ahead("what is my", now_));
  EXPECT_EQ(answer({"a", "b"}), About::kAhead);
  EXPECT_EQ(memory_->ahead_note(), kHead + "a\nb");
  EXPECT_TRUE(memory_->ask_final("what is my dog called", now_));
  EXPECT_EQ(store_.questions.back()->deadline, Deadline(now_ + std::chrono::milliseconds(20)));
  EXPECT_EQ(answer({"b", "c"}), About::kFinal);
  EXPECT_EQ(memory_->ahead_note(), kHead + "a\nb");
  EXPECT_EQ(memory_->late_note(), kHead + "c");
  EXPECT_FALSE(memory_->ask_final("what is my dog called", now_));  // it is answered
  memory_->drop_late();
  EXPECT_EQ(memory_->late_note(), "");
  EXPECT_TRUE(memory_->ask_final("what is my dog called", now_));
}

TEST_F(TurnMemoryTest, PutsOldTurnsBehindTheWordsOnlyForAModelThatDoesNotRepeatThem) {
  for (const bool late_quotes : {false, true}) {
    models::text::AssistantPrompt assistant;
    assistant.late_quotes = late_quotes;
    Networks networks = parts_.networks();
    networks.assistant = &assistant;
    context_.networks = &networks;
    TurnMemory& memory =
        memory_.emplace(context_, context_store::UserPath::of("key:phone", "igor"), now_, WallTime());
    EXPECT_TRUE(memory.ask_ahead("what is my", now_));
    EXPECT_EQ(answer({}, {"a quote"}), About::kAhead);
    EXPECT_EQ(memory.ahead_note(), kHead + "a quote");
    EXPECT_TRUE(memory.ask_final("what is my dog called", now_));
    EXPECT_EQ(answer({"a fact"}, {"a quote", "another"}), About::kFinal);
    EXPECT_EQ(memory.late_note(), kHead + (late_quotes ? "a fact\nanother" : "a fact"));
    memory.move_late_ahead();  // nothing was read yet
    EXPECT_EQ(memory.ahead_note(), kHead + "a quote\na fact\nanother");
  }
}

TEST_F(TurnMemoryTest, AsksOneQuestionAtATimeAndTheNewestNext) {
  EXPECT_TRUE(memory_->ask_ahead("what", now_));
  EXPECT_TRUE(memory_->ask_ahead("what is", now_));
  EXPECT_TRUE(memory_->ask_final("what is it", now_));
  EXPECT_EQ(store_.questions.size(), 1U);
  EXPECT_FALSE(memory_->idle());
  EXPECT_EQ(answer({"early"}), About::kNothing);  // too late to stand before the words
  ASSERT_EQ(store_.questions.size(), 2U);
  EXPECT_EQ(store_.questions.back()->text, "what is it");
  EXPECT_EQ(answer({"late"}), About::kFinal);
  EXPECT_EQ(memory_->late_note(), kHead + "late");
  EXPECT_TRUE(memory_->idle());
}

TEST_F(TurnMemoryTest, IgnoresAnAnswerThatNobodyWaitsForAnyMore) {
  EXPECT_TRUE(memory_->ask_final("what is it", now_));
  memory_->give_up_final();
  EXPECT_EQ(answer({"too late"}), About::kNothing);
  EXPECT_EQ(memory_->late_note(), "");
  EXPECT_TRUE(memory_->ask_ahead("and", now_));
  memory_->begin_turn();
  EXPECT_EQ(answer({"of the last turn"}), About::kNothing);
  EXPECT_EQ(memory_->ahead_note(), "");
}

TEST_F(TurnMemoryTest, TellsWhatWasSaidInOrderHoweverOftenItIsRefused) {
  store_.full = true;
  memory_->keep(context_store::kUserSpeaker, "one", now_);
  memory_->keep(context_store::kAssistantSpeaker, "  ", now_);  // nothing was heard
  memory_->keep(context_store::kAssistantSpeaker, "two", now_ + std::chrono::seconds(2));
  EXPECT_FALSE(memory_->idle());
  store_.full = false;
  memory_->pump();
  EXPECT_TRUE(memory_->idle());
  ASSERT_EQ(store_.turns.size(), 2U);
  EXPECT_EQ(store_.turns[0]->turn.text, "one");
  EXPECT_EQ(store_.turns[1]->turn.speaker, "assistant");
  EXPECT_EQ(store_.turns[1]->turn.at - store_.turns[0]->turn.at, std::chrono::seconds(2));
  EXPECT_EQ(store_.turns[0]->user.tenant(), "key:phone");
}

TEST_F(TurnMemoryTest, LosesTheOldestOfTooMany) {
  store_.full = true;
  for (std::size_t i = 0; i < TurnMemory::kTurnsWaitingMax + 1; ++i) {
    memory_->keep(context_store::kUserSpeaker, std::to_string(i), now_);
  }
  EXPECT_EQ(store_.lost, 1);
  store_.full = false;
  memory_->pump();
  EXPECT_EQ(store_.turns.front()->turn.text, "1");
}

TEST_F(TurnMemoryTest, DoesNothingWithoutAUser) {
  TurnMemory nobody(context_, std::nullopt, now_, WallTime());
  EXPECT_FALSE(nobody.ask_ahead("what", now_));
  EXPECT_FALSE(nobody.ask_final("what", now_));
  nobody.keep(context_store::kUserSpeaker, "one", now_);
  EXPECT_TRUE(store_.questions.empty() && store_.turns.empty());
}

}  // namespace
}  // namespace antiphon::pipeline
