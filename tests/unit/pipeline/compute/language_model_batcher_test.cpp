#include "pipeline/compute/language_model_batcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

#include "tests/unit/pipeline/compute/counting_language_model.h"

namespace antiphon::pipeline {
namespace {

using models::Slot;
using models::Token;
using std::chrono::milliseconds;
using Tokens = std::vector<Token>;

constexpr int kStepsPerPass = 3;

class LikeliestToken final : public TokenPicker {
 public:
  explicit LikeliestToken(std::optional<Token> stop = std::nullopt) : stop_(stop) {}
  std::optional<Token> pick(std::span<const float> logits) override {
    const auto token = static_cast<Token>(std::max_element(logits.begin(), logits.end()) - logits.begin());
    return token == stop_ ? std::nullopt : std::optional(token);
  }

 private:
  const std::optional<Token> stop_;
};

class ThrowingPicker final : public TokenPicker {
 public:
  std::optional<Token> pick(std::span<const float> /*logits*/) override {
    throw std::runtime_error("broken");
  }
};

struct Inbox final : TokenSink {
  void deliver(const TokenEvent& event) noexcept override {
    EXPECT_FALSE(end) << "nothing comes after the end";
    if (event.end) {
      end = event.end;
      slot_length = event.slot_length;
    } else {
      tokens.push_back(event.token);
    }
  }
  Tokens tokens;
  std::optional<TokenEnd> end;
  int slot_length = -1;
};

Tokens prompt(int length, int salt = 0) {
  Tokens made(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) {
    made[static_cast<std::size_t>(i)] = (i * 5 + salt) % CountingLanguageModel::kVocabulary;
  }
  return made;
}

Tokens continuation(Tokens text, int count) {
  Tokens made;
  for (int i = 0; i < count; ++i) {
    made.push_back(CountingLanguageModel::next_of(text));
    text.push_back(made.back());
  }
  return made;
}

class LanguageModelBatcherTest : public testing::Test {
 protected:
  TokenRequest request(int session, Tokens append, int tokens_max, Inbox* inbox) {
    TokenRequest made;
    made.session = SessionId{static_cast<std::uint64_t>(session)};
    made.generation = Generation{1};
    made.slot = Slot{session};
    made.append = std::move(append);
    made.tokens_max = tokens_max;
    made.deadline = Deadline(Time(milliseconds(100 + session)));
    made.token_interval = milliseconds(50);
    made.picker = std::make_unique<LikeliestToken>();
    made.sink = inbox;
    return made;
  }
  void submit(TokenRequest made) { ASSERT_TRUE(batcher_.submit(made)); }
  bool cancel(int session, int kept) {
    return batcher_.cancel(SessionId{static_cast<std::uint64_t>(session)}, Generation{1}, kept);
  }
  // Runs until the batcher sleeps.
  void run() {
    for (int steps = 0; batcher_.step(now_); ++steps) {
      ASSERT_LT(steps, 100000);
      now_ += milliseconds(1);
    }
  }
  void run_steps(int steps) {
    for (int i = 0; i < steps; ++i) static_cast<void>(batcher_.step(now_));
  }

  Time now_{};
  CountingLanguageModel model_{16, 200, kStepsPerPass};
  LanguageModelBatcher batcher_{&model_, {.requests_max = 16}};
};

TEST_F(LanguageModelBatcherTest, PrefillsInBoundedChunksAndThenDecodes) {
  Inbox inbox;
  submit(request(0, prompt(70), 5, &inbox));
  run();
  EXPECT_EQ(inbox.tokens, continuation(prompt(70), 5));
  EXPECT_EQ(inbox.end, TokenEnd::kTokenLimit);
  EXPECT_EQ(inbox.slot_length, 74) << "the last token was not appended";
  EXPECT_EQ(model_.rows_of_passes, (std::vector{32, 32, 6, 1, 1, 1, 1}));
}

TEST_F(LanguageModelBatcherTest, SessionsShareThePassesAndEachGetsWhatItWouldGetAlone) {
  constexpr int kSessions = 10;
  std::vector<Inbox> inboxes(kSessions);
  for (int i = 0; i < kSessions; ++i)
    submit(request(i, prompt(3 + i, i), 20, &inboxes[static_cast<std::size_t>(i)]));
  run();
  for (int i = 0; i < kSessions; ++i) {
    const Inbox& inbox = inboxes[static_cast<std::size_t>(i)];
    EXPECT_EQ(inbox.tokens, continuation(prompt(3 + i, i), 20)) << "session " << i;
    EXPECT_EQ(inbox.end, TokenEnd::kTokenLimit);
  }
  const int rows = std::accumulate(model_.rows_of_passes.begin(), model_.rows_of_passes.end(), 0);
  EXPECT_EQ(rows, 75 + kSessions * 19);
  EXPECT_LE(model_.rows_of_passes.size(), 26U) << "alone they would need 10 * 20 passes";
  EXPECT_GE(std::count(model_.rows_of_passes.begin(), model_.rows_of_passes.end(), kSessions), 15)
      << "most passes decode for all sessions at once";
  EXPECT_EQ(batcher_.counts().passes, model_.rows_of_passes.size());
  EXPECT_EQ(batcher_.requests_in_flight(), 0);
}

TEST_F(LanguageModelBatcherTest, EachTokenIsDeliveredAtTheEndOfItsPass) {
  Inbox inbox;
  submit(request(0, prompt(4), 3, &inbox));
  run_steps(1);  // reads the message, does no model work
  EXPECT_TRUE(model_.rows_of_passes.empty());
  run_steps(kStepsPerPass - 1);
  EXPECT_TRUE(inbox.tokens.empty());
  run_steps(1);
  EXPECT_EQ(inbox.tokens.size(), 1U);
  run_steps(kStepsPerPass);
  EXPECT_EQ(inbox.tokens.size(), 2U);
  run();
}

TEST_F(LanguageModelBatcherTest, APrefillAloneKeepsItsLogitsForTheNextRequest) {
  Inbox first;
  Inbox second;
  submit(request(0, prompt(10), 0, &first));
  run();
  EXPECT_EQ(first.end, TokenEnd::kPrefilled);
  EXPECT_EQ(first.slot_length, 10);
  TokenRequest more = request(0, {}, 4, &second);
  more.start_length = 10;
  submit(std::move(more));
  run();
  EXPECT_EQ(second.tokens, continuation(prompt(10), 4));
  EXPECT_EQ(model_.rows_of_passes, (std::vector{10, 1, 1, 1})) << "nothing is computed twice";
}

TEST_F(LanguageModelBatcherTest, CutsTheSlotToTheStartBeforeItAppends) {
  Inbox first;
  Inbox second;
  submit(request(0, prompt(10), 0, &first));
  run();
  TokenRequest other = request(0, {1, 2, 3}, 1, &second);
  other.start_length = 4;
  submit(std::move(other));
  run();
  Tokens expected = prompt(10);
  expected.resize(4);
  expected.insert(expected.end(), {1, 2, 3});
  EXPECT_EQ(model_.tokens(Slot{0}), expected);
  EXPECT_EQ(second.tokens, continuation(expected, 1));
}

TEST_F(LanguageModelBatcherTest, ThePickerEndsTheText) {
  const Tokens text = continuation(prompt(6), 40);
  const Token stop = text[10];
  const auto first = static_cast<std::size_t>(std::find(text.begin(), text.end(), stop) - text.begin());
  Inbox inbox;
  TokenRequest made = request(0, prompt(6), 40, &inbox);
  made.picker = std::make_unique<LikeliestToken>(stop);
  submit(std::move(made));
  run();
  EXPECT_EQ(inbox.end, TokenEnd::kStopped);
  EXPECT_EQ(inbox.tokens, Tokens(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(first)));
  EXPECT_EQ(inbox.slot_length, 6 + static_cast<int>(first)) << "all delivered tokens are in the slot";
}

TEST_F(LanguageModelBatcherTest, AFullContextIsAnEndAndNoBug) {
  Inbox too_long;
  Inbox grows;
  submit(request(0, prompt(201), 5, &too_long));
  submit(request(1, prompt(198), 50, &grows));
  run();
  EXPECT_EQ(too_long.end, TokenEnd::kContextFull);
  EXPECT_EQ(too_long.slot_length, 0);
  EXPECT_EQ(grows.end, TokenEnd::kContextFull);
  EXPECT_EQ(grows.tokens.size(), 3U);
  EXPECT_EQ(grows.slot_length, 200);
}

TEST_F(LanguageModelBatcherTest, ACancelDropsAPassThatServesNobodyElse) {
  Inbox inbox;
  submit(request(0, prompt(100), 5, &inbox));
  run_steps(1 + kStepsPerPass + 1);  // one chunk of 32 is in, the second pass has begun
  ASSERT_TRUE(cancel(0, 20));
  run_steps(1);
  EXPECT_EQ(inbox.end, TokenEnd::kCancelled) << "within one step";
  EXPECT_EQ(inbox.slot_length, 20);
  EXPECT_EQ(model_.length(Slot{0}), 20);
  EXPECT_EQ(batcher_.counts().passes_dropped, 1U);
  run();
  EXPECT_EQ(model_.rows_of_passes.size(), 2U) << "no further pass";
}

TEST_F(LanguageModelBatcherTest, ACancelInACommonPassKeepsTheOthersWork) {
  Inbox stays;
  Inbox leaves;
  submit(request(0, prompt(5), 10, &stays));
  submit(request(1, prompt(5, 3), 10, &leaves));
  run_steps(1 + kStepsPerPass + 1);  // both have a token, the second pass has begun
  ASSERT_EQ(leaves.tokens.size(), 1U);
  ASSERT_TRUE(cancel(1, 5));
  run_steps(kStepsPerPass);  // one reads the message, the rest ends the pass
  EXPECT_EQ(leaves.end, TokenEnd::kCancelled);
  EXPECT_EQ(leaves.tokens.size(), 1U) << "no token after the cancel";
  EXPECT_EQ(leaves.slot_length, 5);
  EXPECT_EQ(batcher_.counts().passes_dropped, 0U);
  run();
  EXPECT_EQ(stays.tokens, continuation(prompt(5), 10));
  EXPECT_EQ(model_.rows_of_passes.back(), 1);
}

TEST_F(LanguageModelBatcherTest, ACancelThatComesTooLateChangesNothing) {
  Inbox inbox;
  submit(request(0, prompt(5), 2, &inbox));
  run();
  ASSERT_TRUE(cancel(0, 0));
  run();
  EXPECT_EQ(inbox.end, TokenEnd::kTokenLimit);
  EXPECT_EQ(model_.length(Slot{0}), 6);
}

TEST_F(LanguageModelBatcherTest, AModelThatThrowsEndsTheRequestsOfThatPassOnly) {
  Inbox failed;
  Inbox later;
  submit(request(0, prompt(5), 10, &failed));
  run_steps(2);
  model_.next_pass_throws = true;
  submit(request(1, prompt(5, 1), 3, &later));
  run();
  EXPECT_EQ(failed.end, TokenEnd::kFailed);
  EXPECT_EQ(failed.slot_length, 0);
  EXPECT_EQ(later.tokens, continuation(prompt(5, 1), 3));
}

TEST_F(LanguageModelBatcherTest, APickerThatThrowsEndsItsRequestOnly) {
  Inbox failed;
  Inbox fine;
  TokenRequest made = request(0, prompt(5), 10, &failed);
  made.picker = std::make_unique<ThrowingPicker>();
  submit(std::move(made));
  submit(request(1, prompt(5, 1), 3, &fine));
  run();
  EXPECT_EQ(failed.end, TokenEnd::kFailed);
  EXPECT_EQ(fine.tokens, continuation(prompt(5, 1), 3));
}

TEST_F(LanguageModelBatcherTest, RefusesBeyondItsLimitAndCountsIt) {
  std::vector<Inbox> inboxes(17);
  for (int i = 0; i < 16; ++i) submit(request(i, prompt(2), 1, &inboxes[static_cast<std::size_t>(i)]));
  TokenRequest refused = request(16, prompt(2), 1, &inboxes.back());
  EXPECT_FALSE(batcher_.submit(refused));
  EXPECT_EQ(refused.append, prompt(2)) << "still the caller's";
  EXPECT_EQ(batcher_.counts().refused, 1U);
  run();
  refused.slot = Slot{0};
  refused.start_length = 0;
  EXPECT_TRUE(batcher_.submit(refused));
  run();
  EXPECT_EQ(inboxes.back().end, TokenEnd::kTokenLimit);
}

TEST_F(LanguageModelBatcherTest, ItsDeadlineIsThatOfItsMostUrgentRequestsNextToken) {
  Inbox inbox;
  submit(request(3, prompt(2), 5, &inbox));
  EXPECT_EQ(batcher_.step(now_), Deadline(Time(milliseconds(103))));
  run_steps(kStepsPerPass - 1);
  EXPECT_EQ(batcher_.step(now_), Deadline(Time(milliseconds(153)))) << "the second token";
  Inbox urgent;
  submit(request(1, prompt(2), 5, &urgent));
  EXPECT_EQ(batcher_.step(now_), Deadline(Time(milliseconds(101))));
  run();
}

TEST_F(LanguageModelBatcherTest, EndsWhatIsLeftWhenItGoes) {
  Inbox inbox;
  {
    LanguageModelBatcher dying(&model_, {.requests_max = 2});
    TokenRequest made = request(5, prompt(50), 5, &inbox);
    ASSERT_TRUE(dying.submit(made));
    static_cast<void>(dying.step(now_));
    static_cast<void>(dying.step(now_));
  }
  EXPECT_EQ(inbox.end, TokenEnd::kCancelled);
}

// Requests that come, are cancelled at every moment and end in every way: each ends exactly once, what it
// delivered is what it would have got alone, and the slot is as long as it was told.
TEST_F(LanguageModelBatcherTest, RandomSessionsFromSeeds) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto up_to = [&](int max) { return std::uniform_int_distribution(0, max)(random); };
    CountingLanguageModel seeded_model(4, 60, 1 + up_to(3));
    LanguageModelBatcher seeded(&seeded_model, {.requests_max = 4});
    for (int round = 0; round < 5; ++round) {
      std::vector<Inbox> inboxes(4);
      std::vector<Tokens> prompts;
      for (int i = 0; i < 4; ++i) {
        prompts.push_back(prompt(1 + up_to(45), i));
        TokenRequest made = request(i, prompts.back(), up_to(15), &inboxes[static_cast<std::size_t>(i)]);
        seeded_model.reset(Slot{i});
        ASSERT_TRUE(seeded.submit(made));
      }
      std::vector<int> kept(4, -1);
      while (seeded.step(now_)) {
        const int i = up_to(20);
        if (i >= 4 || kept[static_cast<std::size_t>(i)] >= 0) continue;
        kept[static_cast<std::size_t>(i)] = up_to(20);
        ASSERT_TRUE(seeded.cancel(SessionId{static_cast<std::uint64_t>(i)}, Generation{1},
                                  kept[static_cast<std::size_t>(i)]));
      }
      for (int i = 0; i < 4; ++i) {
        const Inbox& inbox = inboxes[static_cast<std::size_t>(i)];
        ASSERT_TRUE(inbox.end) << "seed " << seed;
        ASSERT_EQ(inbox.slot_length, seeded_model.length(Slot{i})) << "seed " << seed;
        ASSERT_EQ(inbox.tokens,
                  continuation(prompts[static_cast<std::size_t>(i)], static_cast<int>(inbox.tokens.size())));
        if (inbox.end == TokenEnd::kCancelled) {
          ASSERT_LE(inbox.slot_length, kept[static_cast<std::size_t>(i)]);
        }
      }
      ASSERT_EQ(seeded.requests_in_flight(), 0);
    }
  }
}

// One slot is no session's: it keeps the opening that they share.
class SharedFrontTest : public LanguageModelBatcherTest {
 protected:
  void submit(TokenRequest made) { ASSERT_TRUE(sharing_.submit(made)); }
  void run() {
    for (int steps = 0; sharing_.step(now_); ++steps) {
      ASSERT_LT(steps, 100000);
      now_ += milliseconds(1);
    }
  }

  LanguageModelBatcher sharing_{&model_, {.requests_max = 16, .front_slot = Slot{15}}};
};

TEST_F(SharedFrontTest, SessionsThatComeAtOnceReadTheirOpeningOnce) {
  std::vector<Inbox> inboxes(10);
  for (int i = 0; i < 10; ++i) submit(request(i, prompt(60), 0, &inboxes[static_cast<std::size_t>(i)]));
  run();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(inboxes[static_cast<std::size_t>(i)].end, TokenEnd::kPrefilled);
    EXPECT_EQ(inboxes[static_cast<std::size_t>(i)].slot_length, 60);
    EXPECT_EQ(model_.tokens(Slot{i}), prompt(60));
  }
  EXPECT_EQ(sharing_.counts().rows_copied + sharing_.counts().rows_prefilled, 10U * 60U);
  EXPECT_GE(sharing_.counts().rows_copied, 8U * 59U);
}

TEST_F(SharedFrontTest, WhatFollowsIsAsIfAllHadBeenRead) {
  Inbox warm;
  submit(request(0, prompt(40), 0, &warm));
  run();
  Tokens longer = prompt(40);
  longer.insert(longer.end(), {3, 1, 4, 1, 5});
  Inbox inbox;
  submit(request(1, longer, 6, &inbox));
  run();
  EXPECT_EQ(inbox.tokens, continuation(longer, 6));
  EXPECT_EQ(sharing_.counts().rows_copied, 40U);
}

TEST_F(SharedFrontTest, AnotherOpeningTakesThePlace) {
  std::vector<Inbox> inboxes(3);
  submit(request(0, prompt(40), 0, &inboxes[0]));
  run();
  submit(request(1, prompt(40, 7), 0, &inboxes[1]));
  run();
  EXPECT_EQ(sharing_.counts().rows_copied, 0U);
  submit(request(2, prompt(50, 7), 3, &inboxes[2]));
  run();
  EXPECT_EQ(sharing_.counts().rows_copied, 40U);
  EXPECT_EQ(inboxes[2].tokens, continuation(prompt(50, 7), 3));
}

TEST_F(SharedFrontTest, ARequestThatGoesOnBorrowsNothing) {
  std::vector<Inbox> inboxes(2);
  submit(request(0, prompt(40), 0, &inboxes[0]));
  run();
  TokenRequest more = request(0, prompt(30), 2, &inboxes[1]);
  more.start_length = 40;
  submit(std::move(more));
  run();
  Tokens whole = prompt(40);
  const Tokens added = prompt(30);
  whole.insert(whole.end(), added.begin(), added.end());
  EXPECT_EQ(inboxes[1].tokens, continuation(whole, 2));
  EXPECT_EQ(sharing_.counts().rows_copied, 0U);
}

}  // namespace
}  // namespace antiphon::pipeline
