#include "server/console/subtitle_cues.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace antiphon::server {
namespace {

using testing::ElementsAre;

// Each word takes 0.3 s; "_" is a pause of 1 s.
std::vector<models::TranscribedWord> words_of(const std::string& text) {
  std::vector<models::TranscribedWord> words;
  std::istringstream stream(text);
  double at = 0;
  for (std::string word; stream >> word;) {
    if (word != "_") words.push_back({word, at, at + 0.3, 0});
    at += word == "_" ? 1.0 : 0.3;
  }
  return words;
}

std::vector<std::string> texts(const std::vector<SubtitleCue>& cues) {
  std::vector<std::string> texts;
  for (const SubtitleCue& cue : cues) texts.push_back(cue.text);
  return texts;
}

TEST(SubtitleCues, EndWithSentencesAndPauses) {
  EXPECT_THAT(texts(subtitle_cues(words_of("Good morning. How are _ you today"))),
              ElementsAre("Good morning.", "How are", "you today"));
  EXPECT_TRUE(subtitle_cues({}).empty());
}

TEST(SubtitleCues, PartALongTextIntoEqualLines) {
  EXPECT_THAT(texts(subtitle_cues(words_of("one and two and three and four and five and six and seven"))),
              ElementsAre("one and two and three and four\nand five and six and seven"));
}

TEST(SubtitleCues, KeepTheirLimits) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "antiphon ";
  for (const SubtitleCue& cue : subtitle_cues(words_of(text))) {
    EXPECT_LE(cue.end_seconds - cue.begin_seconds, 6.0);
    std::istringstream lines(cue.text);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 42U);
    EXPECT_LE(count, 2);
  }
  EXPECT_THAT(subtitle_cues(words_of(std::string(100, 'x'))), testing::SizeIs(1));
}

TEST(SubtitleCues, NeverOverlap) {
  auto words = words_of("Yes. No. Why?");
  words[0].end_seconds = 0.5;
  words[1].start_seconds = 0.25;
  words[1].end_seconds = 0.25;
  for (const auto& cues : {subtitle_cues(words), word_cues(words)}) {
    ASSERT_EQ(cues.size(), 3U);
    EXPECT_EQ(cues[0].end_seconds, 0.25);
    EXPECT_GT(cues[1].end_seconds, cues[1].begin_seconds);
    EXPECT_LE(cues[1].end_seconds, cues[2].begin_seconds);
  }
}

TEST(SubtitleCues, CountCharactersNotBytes) {
  std::string accents;
  for (int i = 0; i < 6; ++i) accents += "\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9 ";
  EXPECT_THAT(texts(subtitle_cues(words_of(accents))), ElementsAre(accents.substr(0, accents.size() - 1)));
}

}  // namespace
}  // namespace antiphon::server
