#include "pipeline/turns/turn_manager.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "tests/unit/pipeline/turns/action_text.h"

namespace antiphon::pipeline::turns {
namespace {

using namespace std::chrono_literals;

// No member owns memory, so that no window can cause an allocation.
static_assert(std::is_trivially_copyable_v<TurnManager> && std::is_trivially_copyable_v<TurnActions>);

TurnDetection server_vad() {
  return {};
}

TurnDetection semantic_vad(Eagerness eagerness = Eagerness::kMedium) {
  TurnDetection detection;
  detection.kind = TurnDetection::Kind::kSemanticVad;
  detection.eagerness = eagerness;
  return detection;
}

TurnDetection push_to_talk() {
  TurnDetection detection;
  detection.kind = TurnDetection::Kind::kPushToTalk;
  return detection;
}

// Plays a conversation in real time: the audio clock and the wall clock agree.
class Talk {
 public:
  explicit Talk(const TurnDetection& detection) : manager(detection) {}

  // What the windows caused, as text.
  std::string hear(int windows, float probability) {
    std::string text;
    for (int i = 0; i < windows; ++i) {
      now_ += kWindow;
      const std::string more = as_text(manager.on_window(probability, now_));
      if (!text.empty() && !more.empty()) text += "; ";
      text += more;
    }
    return text;
  }
  std::string voice(int windows) { return hear(windows, 0.9f); }
  std::string silence(int windows) { return hear(windows, 0.1f); }
  Time now() const { return now_; }

  // One turn and its reply, whose first sound comes at once.
  Generation turn_with_reply() {
    voice(20);
    silence(16);
    const Generation reply{1};
    EXPECT_TRUE(manager.alive(reply));
    manager.on_first_audio(reply, now_);
    return reply;
  }

  TurnManager manager;

 private:
  Time now_{1h};
};

TEST(TurnManager, ATurnFromItsFirstWindowToTheReply) {
  Talk talk(server_vad());
  EXPECT_EQ(talk.silence(20), "");
  EXPECT_EQ(talk.voice(30), "started 340") << "640 ms, less the prefix padding of 300 ms";
  EXPECT_EQ(talk.manager.state(), TurnState::kUserSpeaking);
  EXPECT_EQ(talk.silence(1), "");
  EXPECT_EQ(talk.silence(1), "speculate 1 on 340-1600");
  EXPECT_EQ(talk.silence(13), "") << "480 ms";
  EXPECT_EQ(talk.silence(1), "stopped 2112; commit 340-2112; respond 1 speculated");
  EXPECT_EQ(talk.manager.state(), TurnState::kThinking);
  talk.manager.on_first_audio(Generation{1}, talk.now());
  EXPECT_EQ(talk.manager.state(), TurnState::kSpeaking);
  EXPECT_EQ(as_text(talk.manager.on_response_ended(Generation{1}, talk.now())), "");
  EXPECT_EQ(talk.manager.state(), TurnState::kListening);
}

TEST(TurnManager, DropsTheSpeculationWhenTheUserGoesOn) {
  Talk talk(server_vad());
  talk.voice(10);
  EXPECT_EQ(talk.silence(3), "speculate 1 on 0-320");
  EXPECT_EQ(talk.voice(1), "drop 1");
  EXPECT_FALSE(talk.manager.alive(Generation{1}));
  EXPECT_EQ(talk.silence(16), "speculate 2 on 0-448; stopped 960; commit 0-960; respond 2 speculated");
}

TEST(TurnManager, EndsATurnBetweenTwoWindows) {
  Talk talk(server_vad());
  talk.voice(30);
  EXPECT_EQ(as_text(talk.manager.on_silence_beyond(31ms)), "") << "while the voice is on";
  talk.silence(15);
  EXPECT_EQ(talk.manager.silence(), 480ms);
  EXPECT_EQ(as_text(talk.manager.on_silence_beyond(19ms)), "");
  EXPECT_EQ(as_text(talk.manager.on_silence_beyond(20ms)),
            "stopped 1460; commit 0-1460; respond 1 speculated");
  EXPECT_EQ(talk.manager.silence(), 0ms);
  EXPECT_EQ(talk.silence(1), "") << "the window that it ended in";
  EXPECT_EQ(talk.voice(2), "started 1460; cancel 1 withdrawn") << "what was committed is not taken again";
}

TEST(TurnManager, HonoursSilenceShorterThanTheFirstPause) {
  TurnDetection detection = server_vad();
  detection.silence_duration = 0ms;
  Talk talk(detection);
  talk.voice(4);
  EXPECT_EQ(talk.silence(1), "stopped 160; commit 0-160; respond 1");
}

TEST(TurnManager, CreatesNoResponseUnasked) {
  TurnDetection detection = server_vad();
  detection.create_response = false;
  Talk talk(detection);
  talk.voice(10);
  EXPECT_EQ(talk.silence(20), "stopped 832; commit 0-832");
  EXPECT_EQ(as_text(talk.manager.on_response_requested()), "respond 2");
}

TEST(TurnManager, AsksForCuesAndEndsAsSoonAsTheySaySo) {
  Talk talk(semantic_vad());
  talk.voice(20);
  EXPECT_EQ(talk.silence(2), "ask sound 1; ask text 1; speculate 1 on 0-640");
  EXPECT_EQ(talk.silence(6), "") << "256 ms; nothing is known yet";
  EXPECT_EQ(as_text(talk.manager.on_sound_cue(Generation{1}, 0.99f)), "");
  EXPECT_EQ(as_text(talk.manager.on_text_cue(Generation{1}, -0.1f)),
            "stopped 896; commit 0-896; respond 1 speculated")
      << "a late cue ends the turn without waiting for the next window";
}

TEST(TurnManager, WaitsForTheLimitWhenTheCuesAreUnsure) {
  Talk talk(semantic_vad(Eagerness::kHigh));
  talk.voice(20);
  talk.silence(2);
  EXPECT_EQ(as_text(talk.manager.on_sound_cue(Generation{1}, 0.01f)), "");
  EXPECT_EQ(as_text(talk.manager.on_text_cue(Generation{1}, -12.0f)), "");
  EXPECT_EQ(talk.silence(60), "") << "1984 ms";
  EXPECT_EQ(talk.silence(1), "stopped 2656; commit 0-2656; respond 1 speculated");
}

TEST(TurnManager, IgnoresCuesOfAnEarlierPause) {
  Talk talk(semantic_vad());
  talk.voice(20);
  talk.silence(2);
  talk.voice(5);
  EXPECT_EQ(talk.silence(7), "ask sound 2; ask text 2; speculate 2 on 0-864");
  EXPECT_EQ(as_text(talk.manager.on_sound_cue(Generation{1}, 0.99f)), "");
  EXPECT_EQ(as_text(talk.manager.on_text_cue(Generation{1}, -0.1f)), "");
}

TEST(TurnManager, BargeInStopsTheReplyAfterTwoCertainWindows) {
  Talk talk(server_vad());
  const Generation reply = talk.turn_with_reply();
  talk.silence(40);  // 1280 ms
  EXPECT_EQ(talk.voice(1), "");
  EXPECT_EQ(talk.voice(1), "started 2132; cancel 1 barge-in");
  EXPECT_FALSE(talk.manager.alive(reply));
  EXPECT_FALSE(talk.manager.response_active());
}

TEST(TurnManager, AClickOrANoiseDoesNotInterrupt) {
  Talk talk(server_vad());
  talk.turn_with_reply();
  talk.silence(40);
  EXPECT_EQ(talk.voice(1), "");
  EXPECT_EQ(talk.silence(1), "");
  EXPECT_EQ(talk.hear(2, 0.6f), "");
  EXPECT_EQ(talk.silence(10), "");
  EXPECT_TRUE(talk.manager.response_active());
  EXPECT_EQ(talk.hear(3, 0.6f), "started 2580; cancel 1 barge-in");
}

TEST(TurnManager, WithdrawsTheReplyWhenTheTurnGoesOn) {
  Talk talk(server_vad());
  talk.turn_with_reply();
  talk.silence(31);  // 992 ms after the first sound
  EXPECT_EQ(talk.voice(3), "started 1844; cancel 1 withdrawn");
  EXPECT_EQ(talk.silence(16),
            "speculate 2 on 1844-2240; stopped 2752; continue 1844-2752; respond 2 speculated");
}

TEST(TurnManager, WithdrawsAReplyThatWasNotHeardYet) {
  Talk talk(server_vad());
  talk.voice(20);
  talk.silence(16 + 100);
  EXPECT_EQ(talk.voice(2), "started 4052; cancel 1 withdrawn");
}

TEST(TurnManager, ANoiseAfterAWithdrawnReplyLeavesNobodyWaiting) {
  Talk talk(server_vad());
  talk.voice(20);
  talk.silence(16);
  talk.voice(2);
  talk.silence(2);
  talk.manager.on_no_words(Generation{2});
  EXPECT_EQ(talk.silence(14), "stopped 1728; continue 1152-1728; respond 2 speculated");
}

TEST(TurnManager, NoWordsNoReply) {
  Talk talk(server_vad());
  talk.voice(3);
  talk.silence(2);
  talk.manager.on_no_words(Generation{1});
  EXPECT_EQ(talk.silence(14), "stopped 608; commit 0-608; drop 1");
  EXPECT_EQ(talk.manager.state(), TurnState::kListening);
}

TEST(TurnManager, AnswersAfterAReplyThatMayNotBeInterrupted) {
  TurnDetection detection = server_vad();
  detection.interrupt_response = false;
  Talk talk(detection);
  const Generation reply = talk.turn_with_reply();
  EXPECT_EQ(talk.voice(5), "started 1152");
  EXPECT_EQ(talk.silence(16), "stopped 1824; commit 1152-1824");
  EXPECT_TRUE(talk.manager.alive(reply));
  EXPECT_EQ(as_text(talk.manager.on_response_ended(reply, talk.now())), "respond 3");
}

TEST(TurnManager, AClientsResponseIsInterruptedButNeverWithdrawn) {
  Talk talk(server_vad());
  EXPECT_EQ(as_text(talk.manager.on_response_requested()), "respond 1");
  EXPECT_EQ(talk.voice(2), "started 0; cancel 1 barge-in");
  EXPECT_EQ(talk.silence(16), "speculate 2 on 0-64; stopped 576; commit 0-576; respond 2 speculated");
}

TEST(TurnManager, PushToTalkLeavesAllToTheClient) {
  Talk talk(push_to_talk());
  EXPECT_EQ(talk.voice(10), "");
  EXPECT_EQ(talk.silence(100), "");
  EXPECT_EQ(as_text(talk.manager.on_commit(AudioTime(3530))), "commit 0-3530");
  EXPECT_EQ(as_text(talk.manager.on_response_requested()), "respond 1");
  talk.voice(10);
  EXPECT_EQ(as_text(talk.manager.on_clear(AudioTime(3840))), "");
  talk.voice(10);
  EXPECT_EQ(as_text(talk.manager.on_commit(AudioTime(4160))), "commit 3840-4160");
  EXPECT_TRUE(talk.manager.response_active());
}

TEST(TurnManager, ACommitOrAClearEndsTheSpeech) {
  Talk talk(server_vad());
  talk.voice(10);
  EXPECT_EQ(as_text(talk.manager.on_commit(AudioTime(320))), "stopped 320; commit 0-320");
  EXPECT_EQ(talk.voice(10), "started 320");
  talk.silence(2);
  EXPECT_EQ(as_text(talk.manager.on_clear(AudioTime(704))), "stopped 704; drop 1");
  EXPECT_EQ(talk.silence(100), "");
}

TEST(TurnManager, SwitchingTurnDetectionOffKeepsTheAudio) {
  Talk talk(server_vad());
  talk.voice(10);
  EXPECT_EQ(as_text(talk.manager.on_turn_detection(push_to_talk())), "stopped 320");
  talk.silence(100);
  EXPECT_EQ(as_text(talk.manager.on_commit(AudioTime(3520))), "commit 0-3520");
}

TEST(TurnManager, TheIdleTimeoutCountsFromTheEndOfThePlayout) {
  TurnDetection detection = server_vad();
  detection.idle_timeout = 5000ms;
  Talk talk(detection);
  EXPECT_EQ(talk.manager.deadline(), std::nullopt) << "nobody has spoken yet";
  const Generation reply = talk.turn_with_reply();
  talk.manager.on_response_ended(reply, talk.now() + 320ms);
  EXPECT_EQ(talk.manager.deadline(), talk.now() + 5320ms);
  EXPECT_EQ(talk.silence(166), "");
  EXPECT_EQ(as_text(talk.manager.on_time(talk.now())), "");
  EXPECT_EQ(as_text(talk.manager.on_time(talk.now() + 8ms)), "idle 1472-6464; commit 1472-6464; respond 2");
  EXPECT_EQ(talk.manager.deadline(), std::nullopt);
}

TEST(TurnManager, TheUsersSpeechDisarmsTheIdleTimeout) {
  TurnDetection detection = server_vad();
  detection.idle_timeout = 5000ms;
  Talk talk(detection);
  talk.manager.on_response_ended(talk.turn_with_reply(), talk.now());
  EXPECT_NE(talk.manager.deadline(), std::nullopt);
  talk.voice(3);
  EXPECT_EQ(talk.manager.deadline(), std::nullopt);
}

TEST(TurnManager, SpeculationCanBeSwitchedOff) {
  Talk talk(semantic_vad());
  talk.manager.set_speculation(false);
  talk.voice(10);
  EXPECT_EQ(talk.silence(3), "ask sound 1; ask text 1");
  talk.manager.on_sound_cue(Generation{1}, 0.99f);
  talk.manager.on_text_cue(Generation{1}, 0.0f);
  EXPECT_EQ(talk.silence(6), "stopped 576; commit 0-576; respond 1");
}

}  // namespace
}  // namespace antiphon::pipeline::turns
