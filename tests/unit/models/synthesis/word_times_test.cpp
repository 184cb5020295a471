#include "models/synthesis/word_times.h"

#include <gtest/gtest.h>

#include <vector>

namespace antiphon::models::synthesis {
namespace {

const std::vector<text::PhonemeWord> kWords = {{"one", 0, 3, 0, 2}, {"two", 4, 7, 3, 5}};
const std::vector<int> kUnits = {4, 5, 2, 6, 10};

TEST(WordTimesTest, FollowTheDurationsLess60Milliseconds) {
  const auto times = word_times(kWords, {6000, kUnits, 600, 1440}, 0);
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[0].begin_sample, 6000 - 1440);
  EXPECT_EQ(times[0].end_sample, 6000 - 1440 + 9 * 600);
  EXPECT_EQ(times[1].word, 1u);
  EXPECT_EQ(times[1].begin_sample, 6000 - 1440 + 11 * 600);
  EXPECT_EQ(times[1].end_sample, 6000 - 1440 + 27 * 600);
}

TEST(WordTimesTest, SoundRunsFurtherAheadOfSlowSpeech) {
  EXPECT_EQ(sound_ahead_samples(1.0f), 1440);
  EXPECT_GT(sound_ahead_samples(0.5f), 2 * 1000);
  EXPECT_EQ(sound_ahead_samples(4.0f), 1152);
}

TEST(WordTimesTest, CountFromTheOriginAndNeverBelowZero) {
  const auto times = word_times(kWords, {6000, kUnits, 600, 1440}, 9000);
  EXPECT_EQ(times[0].begin_sample, 0);
  EXPECT_EQ(times[0].end_sample, 6000 - 1440 + 9 * 600 - 9000);
}

TEST(WordTimesTest, HoldBadRangesToThePhrase) {
  const std::vector<text::PhonemeWord> words = {{"a", 0, 1, 3, 99}, {"b", 1, 2, 1, 0}, {"c", 2, 3, 500, 501}};
  std::int64_t before = 0;
  for (const WordTime& time : word_times(words, {0, kUnits, 600, 1440}, 0)) {
    EXPECT_GE(time.begin_sample, before);
    EXPECT_GE(time.end_sample, time.begin_sample);
    before = time.end_sample;
  }
  EXPECT_EQ(before, 27 * 600 - 1440);
}

TEST(WordTimesTest, EndWhenNothingIsHeardAnyMore) {
  auto times = word_times(kWords, {6000, kUnits, 600, 1440}, 0);
  end_words_at(12'000, times);
  EXPECT_EQ(times[1].begin_sample, 6000 - 1440 + 11 * 600);
  EXPECT_EQ(times[1].end_sample, 12'000);
}

}  // namespace
}  // namespace antiphon::models::synthesis
