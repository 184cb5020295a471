#include "pipeline/session/transcripts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/pipeline/session/session_parts.h"

namespace antiphon::pipeline {
namespace {

using fakes::Word;
using turns::AudioTime;

class TranscriptsTest : public ::testing::Test {
 protected:
  // The ears hear words, as PCM16 at 24 kHz; returns the end of the audio.
  AudioTime hear(const std::vector<Word>& words) {
    std::vector<float> samples;
    for (const Word& word : words) fakes::append_sound(word, 24000, &samples);
    samples.insert(samples.end(), 24000 / 5, 0.0F);
    AudioBytes bytes;
    for (const float sample : samples) {
      const auto pcm = static_cast<std::int16_t>(sample * 32767);
      bytes.push_back(static_cast<std::byte>(pcm & 0xFF));
      bytes.push_back(static_cast<std::byte>(pcm >> 8 & 0xFF));
    }
    for (std::size_t heard = 0; heard < bytes.size();) {
      heard += ears_.feed(std::span(bytes).subspan(heard));
      while (parts_.voice_activity().run_batch()) {
      }
      while (parts_.next<VoiceActivityResult>()) ears_.on_window_done();
    }
    return ears_.audio().end();
  }
  std::vector<Transcripts::News> run() {
    std::vector<Transcripts::News> all;
    transcripts_.pump(false, false, Time());
    parts_.run_lanes(Time());
    while (auto result = parts_.next<TranscriptResult>()) {
      tasks_.on_result();
      if (auto news = transcripts_.on_result(std::move(*result))) all.push_back(*std::move(news));
      transcripts_.pump(false, false, Time());
      parts_.run_lanes(Time());
    }
    return all;
  }

  static constexpr Generation kReply{7};
  SessionParts parts_;
  SessionTasks tasks_{parts_.context()};
  Ears ears_{parts_.context(), audio::SampleFormat::kPcm16};
  Transcripts transcripts_{parts_.context(), &tasks_, &ears_};
};

TEST_F(TranscriptsTest, TheFinalWordsComeForTheReplyThatWaitsAndForTheItem) {
  transcripts_.begin(AudioTime(0));
  const AudioTime end = hear({{0, 1}, {0, 2}});
  transcripts_.want_final(kReply, end - AudioTime(190));
  const auto first = run();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].generation, kReply);
  EXPECT_EQ(first[0].text, "bare basi");
  EXPECT_FALSE(first[0].item);
  const auto news = transcripts_.commit(WireId("i"), AudioTime(0), end);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->item, WireId("i"));
  EXPECT_EQ(news->text, "bare basi");
  EXPECT_FALSE(news->generation) << "it was told before";
}

TEST_F(TranscriptsTest, ATurnThatIsOvertakenStillGetsItsWords) {
  transcripts_.begin(AudioTime(0));
  const AudioTime first_end = hear({{0, 1}});
  EXPECT_FALSE(transcripts_.commit(WireId("first"), AudioTime(0), first_end - AudioTime(190)));
  transcripts_.begin(first_end);
  const AudioTime second_end = hear({{0, 2}});
  EXPECT_FALSE(transcripts_.commit(WireId("second"), first_end, second_end - AudioTime(190)));
  std::string first_text;
  std::string second_text;
  for (const Transcripts::News& news : run()) {
    if (news.item == WireId("first")) first_text = news.text;
    if (news.item == WireId("second")) second_text = news.text;
  }
  EXPECT_EQ(first_text, "bare");
  EXPECT_EQ(second_text, "basi");
}

TEST_F(TranscriptsTest, ACommittedTurnGetsItsWordsThoughLaterAudioIsThrownAway) {
  transcripts_.begin(AudioTime(0));
  const AudioTime end = hear({{0, 1}});
  EXPECT_FALSE(transcripts_.commit(WireId("i"), AudioTime(0), end - AudioTime(190)));
  transcripts_.clear();
  const auto news = run();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].item, WireId("i"));
  EXPECT_EQ(news[0].text, "bare");
}

TEST_F(TranscriptsTest, TwoCommitsInARowAreTwoTurns) {
  const AudioTime first = hear({{0, 1}});
  EXPECT_FALSE(transcripts_.commit(WireId("first"), AudioTime(0), first - AudioTime(190)));
  const AudioTime second = hear({{0, 2}});
  EXPECT_FALSE(transcripts_.commit(WireId("second"), first, second - AudioTime(190)));
  EXPECT_EQ(run().size(), 2U);
}

TEST_F(TranscriptsTest, TheLastTurnsWordsAreNotTakenForTheNextOnes) {
  transcripts_.begin(AudioTime(0));
  const AudioTime first = hear({{0, 1}});
  transcripts_.want_final(kReply, first - AudioTime(190));
  transcripts_.pump(false, false, Time());
  const AudioTime second = hear({{0, 2}});
  parts_.run_lanes(Time());  // the words are on their way
  transcripts_.begin(first);
  transcripts_.want_final(Generation{8}, second - AudioTime(190));
  const auto news = run();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].generation, Generation{8});
  EXPECT_EQ(news[0].text, "basi");
}

TEST_F(TranscriptsTest, AUserWhoGoesOnIsHeardFromTheBeginning) {
  transcripts_.begin(AudioTime(0));
  const AudioTime pause = hear({{0, 1}});
  transcripts_.want_final(kReply, pause - AudioTime(190));
  transcripts_.pump(false, false, Time());
  transcripts_.drop_final();
  const AudioTime end = hear({{0, 2}});
  EXPECT_TRUE(run().empty());
  transcripts_.want_final(kReply, end - AudioTime(190));
  const auto news = run();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].text, "bare basi");
}

TEST_F(TranscriptsTest, EveryOvertakenTurnGetsItsWordsOrIsSaidToHaveFailed) {
  constexpr int kTurns = 14;
  AudioTime begin(0);
  for (int turn = 0; turn < kTurns; ++turn) {
    transcripts_.begin(begin);
    const AudioTime end = hear({{0, turn % Word::kDigits}});
    const auto news = transcripts_.commit(WireId("item" + std::to_string(turn)), begin, end - AudioTime(190));
    EXPECT_FALSE(news);
    begin = end;
  }
  std::size_t told = 0;
  for (const Transcripts::News& news : run()) told += news.item ? 1 : 0;
  std::size_t failed = 0;
  while (const auto lost = transcripts_.take_lost()) {
    EXPECT_TRUE(lost->failed && lost->item);
    ++failed;
  }
  EXPECT_GT(failed, 0U);
  EXPECT_EQ(told + failed, kTurns);
}

}  // namespace
}  // namespace antiphon::pipeline
