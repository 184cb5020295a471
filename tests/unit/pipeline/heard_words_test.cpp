#include "pipeline/heard_words.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace antiphon::pipeline {
namespace {

// Words of `text` at its spaces, without the punctuation after them, each `word_samples` long.
std::vector<SpokenWord> words_of(std::string_view text, std::int64_t word_samples) {
  std::vector<SpokenWord> words;
  std::int64_t at = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t space = std::min(text.find(' ', begin), text.size());
    const std::size_t end = text.find_last_not_of(".,!?\"", space - 1) + 1;
    words.push_back({begin, end, at, at + word_samples});
    at += word_samples;
    begin = space + 1;
  }
  return words;
}

TEST(HeardText, CutsAtWordEndsAndKeepsPunctuation) {
  constexpr std::string_view kText = "Well, \"yes.\" I think so!";
  const std::vector<SpokenWord> words = words_of(kText, 1000);
  EXPECT_EQ(heard_text(kText, words, 0), "");
  EXPECT_EQ(heard_text(kText, words, 999), "");
  EXPECT_EQ(heard_text(kText, words, 1000), "Well,");
  EXPECT_EQ(heard_text(kText, words, 2500), "Well, \"yes.\"");
  EXPECT_EQ(heard_text(kText, words, 3999), "Well, \"yes.\" I");
  EXPECT_EQ(heard_text(kText, words, 5000), kText);
  EXPECT_EQ(heard_text(kText, {}, 5000), "");
}

TEST(HeardText, MoreSamplesNeverGiveLessText) {
  constexpr std::string_view kText = "One two-three, four. Five";
  const std::vector<SpokenWord> words = words_of(kText, 777);
  std::size_t last = 0;
  for (std::int64_t samples = 0; samples < 5000; samples += 13) {
    const std::string_view heard = heard_text(kText, words, samples);
    ASSERT_TRUE(kText.starts_with(heard));
    ASSERT_GE(heard.size(), last);
    last = heard.size();
  }
  EXPECT_EQ(last, kText.size());
}

TEST(HeardText, StopsBeforeAWordThatIsJoined) {
  const std::vector<SpokenWord> words = {{0, 4, 0, 100}, {5, 9, 100, 200}};
  EXPECT_EQ(heard_text("well-done.", words, 150), "well-");
  EXPECT_EQ(heard_text("well-done.", words, 200), "well-done.");
}

models::text::PhonemeWord word(std::string text, std::size_t begin) {
  models::text::PhonemeWord result;
  result.text_begin = begin;
  result.text_end = begin + text.size();
  result.text = std::move(text);
  return result;
}

TEST(SpokenTranscript, PutsPhrasesOneAfterTheOther) {
  SpokenTranscript transcript;
  transcript.begin_phrase("Good day,", std::vector{word("Good", 0), word("day", 5)}, 0);
  EXPECT_EQ(transcript.heard(100000), "");  // no times yet
  transcript.set_times(std::vector<models::WordTime>{{0, 0, 100}, {1, 100, 900}});
  transcript.set_times(std::vector<models::WordTime>{{0, 0, 100}, {1, 100, 200}});  // better ones
  transcript.begin_phrase(" my friend.", std::vector{word("my", 1), word("friend", 4)}, 300);
  EXPECT_EQ(transcript.heard(100000), "Good day,");
  transcript.set_times(std::vector<models::WordTime>{{0, 0, 50}, {1, 60, 150}});
  EXPECT_EQ(transcript.text(), "Good day, my friend.");
  EXPECT_EQ(transcript.heard(349), "Good day,");
  EXPECT_EQ(transcript.heard(350), "Good day, my");
  EXPECT_EQ(transcript.heard(450), "Good day, my friend.");
  EXPECT_EQ(transcript.words()[3], (SpokenWord{13, 19, 360, 450}));
  transcript.clear();
  EXPECT_EQ(transcript.heard(450), "");
  transcript.begin_phrase("Yes.", std::vector{word("Yes", 0)}, 0);
  EXPECT_EQ(transcript.text(), "Yes.");
}

}  // namespace
}  // namespace antiphon::pipeline
