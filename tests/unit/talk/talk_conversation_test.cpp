#include "server/talk/talk_conversation.h"

#include <gtest/gtest.h>

#include <sstream>

#include "server/talk/caption_printer.h"

namespace antiphon::server {
namespace {

using pipeline::Time;
using std::chrono::milliseconds;

class TalkConversationTest : public ::testing::Test {
 protected:
  void hear(const std::string& json) { conversation_.handle(boost::json::parse(json).as_object()); }
  // A whole turn of the user.
  void user_says(const std::string& words, const std::string& id = "u1") {
    hear(R"({"type":"input_audio_buffer.speech_started","item_id":")" + id + "\"}");
    hear(R"({"type":"input_audio_buffer.speech_stopped","audio_end_ms":1500})");
    hear(R"({"type":"input_audio_buffer.committed","item_id":")" + id + "\"}");
    hear(R"({"type":"conversation.item.input_audio_transcription.delta","item_id":")" + id +
         R"(","delta":"Wh"})");
    hear(R"({"type":"conversation.item.input_audio_transcription.completed","item_id":")" + id +
         R"(","transcript":")" + words + "\"}");
  }
  void reply_begins(const std::string& words) {
    hear(R"({"type":"response.created","response":{"id":"r1"}})");
    hear(R"({"type":"response.output_item.added","response_id":"r1","item":{"type":"message","id":"a1"}})");
    hear(R"({"type":"response.output_audio_transcript.delta","item_id":"a1","delta":")" + words + "\"}");
  }
  void reply_ends(const std::string& status, const std::string& words) {
    hear(R"({"type":"response.output_item.done","item":{"id":"a1","status":")" + status +
         R"(","content":[{"type":"output_audio","transcript":")" + words + "\"}]}}");
    hear(R"({"type":"response.done","response":{"id":"r1","status":"completed","output":[{}]}})");
  }
  std::string printed(std::string_view playing = "") {
    printer_.update(conversation_, playing, "", 80);
    return words_.str();
  }

  // The user's audio began at 10 s.
  TalkConversation conversation_{[](double ms) { return Time(milliseconds(10'000 + std::llround(ms))); }};
  std::ostringstream words_;
  std::ostringstream times_;
  CaptionPrinter printer_{words_, times_, false};
};

TEST_F(TalkConversationTest, MeasuresFromTheEndOfSpeechToTheFirstSound) {
  user_says("What is it?");
  EXPECT_TRUE(conversation_.awaiting());
  reply_begins("A ship.");
  hear(R"({"type":"antiphon.turn.trace","response_id":"r1","speech_end_ms":1200})");
  conversation_.on_audible("a1", Time(milliseconds(11'450)));
  EXPECT_FALSE(conversation_.awaiting());
  EXPECT_EQ(printed("a1"), "you: What is it?\n") << "the reply still sounds";
  reply_ends("completed", "A ship.");
  EXPECT_EQ(printed(), "you: What is it?\nantiphon: A ship.\n");
  EXPECT_EQ(times_.str(), "  [250 ms voice to voice]\n");
  EXPECT_EQ(conversation_.answers(), 1);
  EXPECT_EQ(conversation_.active_response(), "");
}

TEST_F(TalkConversationTest, MeasuresAgainstSpeechStoppedWithoutATrace) {
  user_says("What is it?");
  reply_begins("A ship.");
  conversation_.on_audible("a1", Time(milliseconds(12'000)));
  EXPECT_EQ(conversation_.turns().front().voice_to_voice, milliseconds(500));
}

TEST_F(TalkConversationTest, ShowsWhatWasNotHeard) {
  user_says("Tell me.");
  reply_begins("Once upon a time there was a ship.");
  conversation_.on_audible("a1", Time(milliseconds(11'450)));
  conversation_.await_cut("a1", true);
  reply_ends("incomplete", "Once upon a time");
  EXPECT_EQ(printed(), "you: Tell me.\n") << "the server is still to say what was heard";
  hear(R"({"type":"conversation.item.retrieved","item":{"id":"a1","content":[{"transcript":"Once upon"}]}})");
  EXPECT_EQ(printed(), "you: Tell me.\nantiphon: Once upon [not heard: a time there was a ship.]\n");
}

TEST_F(TalkConversationTest, KeepsTheOrderThoughTheUsersWordsComeLate) {
  hear(R"({"type":"input_audio_buffer.committed","item_id":"u1"})");
  reply_begins("A ship.");
  reply_ends("completed", "A ship.");
  EXPECT_EQ(printed(), "");
  hear(R"({"type":"conversation.item.input_audio_transcription.completed","item_id":"u1",)"
       R"("transcript":"What?"})");
  EXPECT_EQ(printed(), "you: What?\nantiphon: A ship.\n");
}

TEST_F(TalkConversationTest, PassesOverNoiseAndEventsThatItDoesNotKnow) {
  hear(R"({"type":"input_audio_buffer.speech_started","item_id":"u1"})");
  EXPECT_TRUE(conversation_.hearing());
  hear(R"({"type":"conversation.item.input_audio_transcription.failed","item_id":"u1"})");
  EXPECT_TRUE(conversation_.captions().empty());
  for (const char* odd : {R"({"type":"rate_limits.updated"})", R"({"type":7})", "{}",
                          R"({"type":"response.done","response":3})", R"({"type":"response.created"})",
                          R"({"type":"response.output_item.added","item":{"type":"function_call"}})",
                          R"({"type":"response.output_item.done","item":{"id":"no"}})",
                          R"({"type":"antiphon.turn.trace","response_id":"no"})"}) {
    hear(odd);
  }
  EXPECT_TRUE(conversation_.captions().empty());
}

TEST_F(TalkConversationTest, RewritesWhatIsBeingSaidInPlaceOnATerminal) {
  std::ostringstream screen;
  CaptionPrinter terminal(screen, screen, true);
  user_says("What is it?");
  reply_begins("A very long word ");
  terminal.update(conversation_, "a1", "speaking", 12);
  EXPECT_NE(screen.str().find("speaking"), std::string::npos);
  terminal.update(conversation_, "a1", "speaking", 12);
  const std::size_t before = screen.str().size();
  terminal.update(conversation_, "a1", "speaking", 12);
  EXPECT_EQ(screen.str().size(), before) << "nothing new, nothing written";
  terminal.finish(conversation_);
  // "antiphon: A very long word " takes three rows of twelve columns.
  EXPECT_NE(screen.str().find("\r\x1b[3A\x1b[J"), std::string::npos) << screen.str();
}

}  // namespace
}  // namespace antiphon::server
