#include "pipeline/session/reply.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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

  void begin(OutputModality modality, bool in_conversation = true) {
    ResponseTerms terms;
    terms.in_conversation = in_conversation;
    terms.modality = modality;
    reply_.emplace(parts_.context(), &tasks_, &client_, &conversation_, &slot_, Generation{1}, terms,
                   WireId("conv_1"));
    std::vector<models::Token> prompt;
    const auto& chat = *parts_.networks().chat;
    chat.append({models::text::ChatRole::kUser, "bata bare basi", {}}, &prompt);
    chat.append_reply_start(&prompt);
    reply_->write(std::move(prompt), 250, tools_use_, now_);
  }
  void run_lanes(int steps = 200) {
    parts_.run_lanes(now_, steps);
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
  std::shared_ptr<const ToolUse> tools_use_;
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

TEST_F(ReplyTest, WordsWithoutAnySoundYetWereNotHeard) {
  begin(OutputModality::kAudio);
  reply_->release(now_);
  while (told_.count<OutputAudioDelta>() == 0) go_on(milliseconds(20));
  // The voice stands still, and the listener hears all that there is.
  for (int tick = 0; tick < 100; ++tick, now_ += milliseconds(20)) reply_->tick(now_);
  ASSERT_FALSE(reply_->over());
  reply_->cancel("turn_detected", Reply::Cut::kHeard, now_);
  const std::size_t sent_words = static_cast<std::size_t>(told_.count<OutputAudioDelta>()) * 20 / 240;
  EXPECT_LE(fakes::words_in(*content(conversation_.items()[0]).transcript).size(), sent_words);
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

// What is said of a response, one letter for each event: i(tem added), a(dded to the conversation),
// d(elta of arguments), D(one), c (conversation's item done), o(utput item done), r(esponse done).
std::string letters(const std::vector<ServerEvent>& events) {
  std::string all;
  for (const ServerEvent& event : events) {
    if (std::holds_alternative<OutputItemAdded>(event)) all += 'i';
    if (std::holds_alternative<ItemAdded>(event)) all += 'a';
    if (std::holds_alternative<FunctionArgumentsDelta>(event)) all += 'd';
    if (std::holds_alternative<FunctionArgumentsDone>(event)) all += 'D';
    if (std::holds_alternative<ItemDone>(event)) all += 'c';
    if (std::holds_alternative<OutputItemDone>(event)) all += 'o';
    if (std::holds_alternative<ResponseDone>(event)) all += 'r';
  }
  return all;
}

constexpr const char* kCall =
    "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"at\": \"bata\"}}\n</tool_call>";

class ReplyWithToolsTest : public ReplyTest {
 protected:
  ReplyWithToolsTest() { choose({}); }
  void choose(const ToolChoice& choice) {
    const std::vector<Tool> tools{
        {"look", "Looks.", R"({"type":"object","properties":{"at":{"type":"string"}},"required":["at"]})"},
        {"wait", "", ""}};
    tools_use_ = std::get<std::shared_ptr<const ToolUse>>(ToolUse::of(tools, choice));
  }
};

TEST_F(ReplyWithToolsTest, ACallIsToldInTheProtocolsOrderAndKept) {
  parts_.language_model().always_say(kCall);
  begin(OutputModality::kAudio);
  go_on(milliseconds(1000));
  EXPECT_TRUE(told_.all.empty()) << "the turn is not committed";
  reply_->release(now_);
  go_on(milliseconds(1000));
  EXPECT_EQ(letters(told_.all), "iadDcor");
  EXPECT_EQ(done().status, ResponseStatus::kCompleted);
  ASSERT_EQ(conversation_.items().size(), 1U);
  const auto& call = std::get<FunctionCall>(conversation_.items()[0].body);
  EXPECT_EQ(call.name, "look");
  EXPECT_EQ(call.arguments, R"({"at": "bata"})");
  EXPECT_EQ(done().output.at(0), conversation_.items()[0]);
  EXPECT_EQ(told_.last<OutputItemDone>()->item, conversation_.items()[0]);
  EXPECT_TRUE(parts_.faults().empty());
}

TEST_F(ReplyWithToolsTest, ACallIsShownAsItIsWritten) {
  parts_.language_model().always_say(kCall);
  begin(OutputModality::kAudio);
  reply_->release(now_);
  while (told_.count<FunctionArgumentsDelta>() < 3) run_lanes(1);
  EXPECT_EQ(told_.count<FunctionArgumentsDone>(), 0);
  go_on(milliseconds(1000));
  std::string arguments;
  for (const ServerEvent& event : told_.all) {
    if (const auto* delta = std::get_if<FunctionArgumentsDelta>(&event)) arguments += delta->delta;
  }
  EXPECT_EQ(arguments, R"({"at": "bata"})");
  EXPECT_EQ(told_.last<FunctionArgumentsDone>()->arguments, arguments);
  EXPECT_EQ(std::get<FunctionCall>(conversation_.items()[0].body).arguments, arguments);
  EXPECT_EQ(conversation_.items()[0].status, ItemStatus::kCompleted);
}

TEST_F(ReplyWithToolsTest, ACallThatIsInterruptedIsNeverDone) {
  parts_.language_model().always_say(kCall);
  begin(OutputModality::kAudio);
  reply_->release(now_);
  while (told_.count<FunctionArgumentsDelta>() < 2) run_lanes(1);
  reply_->cancel("turn_detected", Reply::Cut::kHeard, now_);
  EXPECT_EQ(letters(told_.all), "iaddcor");
  EXPECT_EQ(done().status, ResponseStatus::kCancelled);
  EXPECT_EQ(done().output.at(0).status, ItemStatus::kIncomplete);
  EXPECT_EQ(conversation_.items()[0], done().output.at(0));
}

TEST_F(ReplyWithToolsTest, WhatIsSaidComesBeforeTheCalls) {
  parts_.language_model().always_say("bata bare.\n" + std::string(kCall) + "\n" + kCall + "bata");
  begin(OutputModality::kAudio);
  reply_->release(now_);
  go_on(milliseconds(20000));
  EXPECT_EQ(letters(told_.all), "iacoiadDcoiadDcor");
  EXPECT_EQ(told_.last<OutputTranscriptDone>()->transcript, "bata bare.");
  EXPECT_EQ(done().output.size(), 3U);
}

TEST_F(ReplyWithToolsTest, AnInterruptedReplyCallsNothing) {
  parts_.language_model().always_say("bata bare basi bavo bazu.\n" + std::string(kCall));
  begin(OutputModality::kAudio);
  reply_->release(now_);
  go_on(milliseconds(700));
  reply_->cancel("turn_detected", Reply::Cut::kHeard, now_);
  EXPECT_EQ(told_.count<FunctionArgumentsDone>(), 0);
  EXPECT_EQ(conversation_.items().size(), 1U);
}

TEST_F(ReplyWithToolsTest, ACallThatIsDemandedComesWhateverTheModelWants) {
  for (const auto& [choice, name] : std::vector<std::pair<ToolChoice, std::string>>{
           {{ToolChoice::Kind::kRequired, ""}, "look"}, {{ToolChoice::Kind::kFunction, "wait"}, "wait"}}) {
    choose(choice);
    begin(OutputModality::kText);
    reply_->release(now_);
    go_on(milliseconds(2000));
    ASSERT_GT(told_.count<FunctionArgumentsDone>(), 0);
    EXPECT_EQ(told_.last<FunctionArgumentsDone>()->name, name);
    EXPECT_EQ(told_.count<OutputTextDelta>(), 0);
  }
}

TEST_F(ReplyWithToolsTest, ACallThatIsForbiddenIsNotMade) {
  choose({ToolChoice::Kind::kNone, ""});
  parts_.language_model().always_say("bata. " + std::string(kCall));
  begin(OutputModality::kText);
  reply_->release(now_);
  go_on(milliseconds(4000));
  EXPECT_EQ(told_.count<FunctionArgumentsDone>(), 0);
  EXPECT_EQ(told_.last<OutputTextDone>()->text.find("<tool_call>"), std::string::npos);
}

TEST_F(ReplyWithToolsTest, ACallOutsideTheConversationIsNotInIt) {
  parts_.language_model().always_say(kCall);
  begin(OutputModality::kText, false);
  go_on(milliseconds(1000));
  reply_->release(now_);
  go_on(milliseconds(2000));
  EXPECT_EQ(letters(told_.all), "idDor");
  EXPECT_TRUE(conversation_.items().empty());
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
