#include "pipeline/session/reply.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/unit/pipeline/session/session_parts.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

models::Stepped<int> blocked(const bool* go_on) {
  while (!*go_on) co_await models::kNextStep;
  co_return 0;
}

class ReplyTest : public ::testing::Test {
 protected:
  explicit ReplyTest(int tasks_max = 16) : parts_(tasks_max) {
    parts_.language_model().always_say("bata bare basi bavo bazu bapa.");
  }

  void begin(OutputModality modality) {
    ResponseTerms terms;
    terms.modality = modality;
    reply_.emplace(parts_.context(), &tasks_, &client_, &conversation_, &slot_, Generation{1}, terms,
                   WireId("conv_1"));
    std::vector<models::Token> prompt;
    const auto& chat = *parts_.networks().chat;
    chat.append({models::text::ChatRole::kUser, "bata bare basi", {}}, &prompt);
    chat.append_reply_start(&prompt);
    reply_->write(std::move(prompt), 60, now_);
  }
  void run_lanes() {
    parts_.run_lanes(now_, 200);
    LaneResult result;
    while (parts_.inbox().pop(result)) {
      if (const auto* token = std::get_if<TokenEvent>(&result)) {
        const auto heard = slot_.on_event(*token);
        if (heard) reply_->on_token(*heard, now_);
      } else if (auto* speech = std::get_if<SpeechResult>(&result)) {
        tasks_.on_result();
        reply_->on_speech(std::move(*speech), now_);
      }
    }
  }
  // The lanes and the 20 ms ticks, until the reply is over or `duration` has passed.
  void go_on(milliseconds duration) {
    for (const Time end = now_ + duration; now_ < end && !reply_->over(); now_ += milliseconds(20)) {
      run_lanes();
      reply_->tick(now_);
    }
  }
  const ResponseSnapshot& done() const { return *told_.last<ResponseDone>()->response; }
  static const ContentPart& content(const ConversationItem& item) {
    return std::get<Message>(item.body).content.at(0);
  }

  Time now_{};
  SessionParts parts_;
  ToldEvents told_;
  ClientChannel client_{SessionId{1}, told_.sink()};
  Conversation conversation_{[this] { return client_.new_id("item"); }, Conversation::Limits{}};
  SessionTasks tasks_{parts_.context()};
  PromptSlot slot_{parts_.context(), models::Slot{0}};
  std::optional<Reply> reply_;
};

TEST_F(ReplyTest, SaysNothingUntilItIsReleased) {
  begin(OutputModality::kAudio);
  go_on(milliseconds(400));
  EXPECT_TRUE(told_.all.empty());
  reply_->release(now_);
  EXPECT_EQ(told_.count<ResponseCreated>(), 1);
  EXPECT_GE(told_.count<OutputAudioDelta>(), 1) << "what was made before goes out at once";
  go_on(milliseconds(20000));
  EXPECT_EQ(done().status, ResponseStatus::kCompleted);
  EXPECT_EQ(told_.count<ResponseDone>(), 1);
}

TEST_F(ReplyTest, ADroppedSpeculationLeavesNoTrace) {
  begin(OutputModality::kAudio);
  go_on(milliseconds(100));
  reply_->cancel("turn_detected", Reply::Cut::kAll, now_);
  EXPECT_TRUE(reply_->over());
  EXPECT_TRUE(told_.all.empty());
  EXPECT_TRUE(conversation_.items().empty());
  run_lanes();
  run_lanes();
  EXPECT_EQ(tasks_.in_flight(), 0);
  EXPECT_TRUE(slot_.idle());
}

TEST_F(ReplyTest, AnInterruptedReplyKeepsWhatWasHeard) {
  begin(OutputModality::kAudio);
  reply_->release(now_);
  go_on(milliseconds(600));
  ASSERT_FALSE(reply_->over());
  reply_->cancel("turn_detected", Reply::Cut::kHeard, now_);
  EXPECT_EQ(done().status, ResponseStatus::kCancelled);
  ASSERT_EQ(conversation_.items().size(), 1U);
  const std::string heard = *content(conversation_.items()[0]).transcript;
  EXPECT_EQ(fakes::words_in(heard).size(), 2U) << "in 600 ms, less the way to the first sound: " << heard;
  EXPECT_EQ(told_.last<OutputTranscriptDone>()->transcript, heard);
}

TEST_F(ReplyTest, AWithdrawnReplyKeepsNothing) {
  begin(OutputModality::kAudio);
  reply_->release(now_);
  go_on(milliseconds(600));
  reply_->cancel("turn_detected", Reply::Cut::kAll, now_);
  EXPECT_EQ(content(conversation_.items()[0]).transcript, "");
  EXPECT_EQ(told_.count<ItemAdded>(), told_.count<ItemDone>());
}

TEST_F(ReplyTest, ATextReplyIsTheSumOfItsDeltas) {
  begin(OutputModality::kText);
  reply_->release(now_);
  go_on(milliseconds(2000));
  EXPECT_EQ(done().status, ResponseStatus::kCompleted);
  std::string deltas;
  for (const ServerEvent& event : told_.all) {
    if (const auto* delta = std::get_if<OutputTextDelta>(&event)) deltas += delta->delta;
  }
  EXPECT_FALSE(deltas.empty());
  EXPECT_EQ(told_.last<OutputTextDone>()->text, deltas);
  EXPECT_EQ(told_.count<OutputAudioDelta>(), 0);
}

class ReplyWithFullLanesTest : public ReplyTest {
 protected:
  ReplyWithFullLanesTest() : ReplyTest(1) {}
};

TEST_F(ReplyWithFullLanesTest, ItsVoiceWaitsForRoomAndIsNotLost) {
  bool go = false;
  const TaskLabel label{SessionId{2}, Generation{1}, TaskKind::kFinalTranscript, Deadline::never(), false};
  auto task = make_stepped_task(label, [&go] { return blocked(&go); }, [](Completion<int>) {});
  ASSERT_TRUE(parts_.executor().submit(task));
  begin(OutputModality::kAudio);
  reply_->release(now_);
  go_on(milliseconds(1000));
  EXPECT_EQ(told_.count<OutputAudioDelta>(), 0);
  EXPECT_EQ(told_.count<ResponseDone>(), 0);
  go = true;
  go_on(milliseconds(20000));
  ASSERT_EQ(told_.count<ResponseDone>(), 1);
  EXPECT_EQ(done().status, ResponseStatus::kCompleted);
  EXPECT_FALSE(fakes::words_in(*content(conversation_.items()[0]).transcript).empty());
}

}  // namespace
}  // namespace antiphon::pipeline
