#include "audio/speech_segmenter.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <vector>

namespace antiphon::audio {
namespace {

// One pause (`second` windows of silence) after `first` windows of speech.
using Stretches = std::vector<std::pair<int, int>>;

std::vector<SpeechSegment> segments_of(const std::vector<float>& probabilities,
                                       const SpeechSegmenter::Config& config = {}) {
  SpeechSegmenter segmenter(config);
  std::vector<SpeechSegment> segments;
  for (const float probability : probabilities) {
    if (const auto segment = segmenter.push(probability)) segments.push_back(*segment);
  }
  if (const auto segment = segmenter.finish()) segments.push_back(*segment);
  return segments;
}

std::vector<float> probabilities_of(int silence, const Stretches& stretches) {
  std::vector<float> probabilities(static_cast<std::size_t>(silence), 0.01F);
  for (const auto& [speech, pause] : stretches) {
    probabilities.insert(probabilities.end(), static_cast<std::size_t>(speech), 0.9F);
    probabilities.insert(probabilities.end(), static_cast<std::size_t>(pause), 0.01F);
  }
  return probabilities;
}

void expect(const std::vector<SpeechSegment>& found,
            const std::vector<std::pair<std::int64_t, std::int64_t>>& wanted) {
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].begin, wanted[i].first) << i;
    EXPECT_EQ(found[i].end, wanted[i].second) << i;
  }
}

TEST(SpeechSegmenter, KeepsSomeSoundAroundSpeech) {
  expect(segments_of(probabilities_of(100, {{50, 100}})), {{94, 156}});
  expect(segments_of(probabilities_of(2, {{50, 3}})), {{0, 55}});
  expect(segments_of(probabilities_of(100, {})), {});
  expect(segments_of({}), {});
}

TEST(SpeechSegmenter, AShortPauseStaysInsideAndALongOneEndsASegment) {
  expect(segments_of(probabilities_of(10, {{50, 20}, {50, 40}, {60, 40}})), {{4, 136}, {164, 236}});
}

TEST(SpeechSegmenter, AShortSoundIsNoSpeech) {
  expect(segments_of(probabilities_of(10, {{2, 40}})), {});
  expect(segments_of(probabilities_of(10, {{3, 40}})), {{4, 19}});
}

TEST(SpeechSegmenter, SpeechMayFadeBelowWhereItBegins) {
  std::vector<float> probabilities(20, 0.45F);  // not enough to begin
  probabilities.insert(probabilities.end(), 10, 0.6F);
  probabilities.insert(probabilities.end(), 20, 0.4F);
  probabilities.insert(probabilities.end(), 40, 0.1F);
  expect(segments_of(probabilities), {{14, 56}});
}

TEST(SpeechSegmenter, CutsLongSpeechInItsLongestPause) {
  // Pauses of 5, 12 and 5 windows; the one of 12 is where the two parts meet.
  const auto found = segments_of(probabilities_of(6, {{90, 5}, {90, 12}, {60, 5}, {100, 40}}));
  expect(found, {{0, 6 + 90 + 5 + 90 + 6}, {197, 374}});
}

TEST(SpeechSegmenter, WaitsForTheNextPauseWhereThereIsNone) {
  expect(segments_of(probabilities_of(6, {{400, 4}, {200, 40}})), {{0, 407}, {407, 616}});
}

TEST(SpeechSegmenter, NeverGoesBeyondTheLongest) {
  std::vector<float> probabilities(3000, 0.9F);
  probabilities[700] = 0.5F;
  const auto found = segments_of(probabilities);
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].end, 700);
  for (const SpeechSegment& segment : found) EXPECT_LE(segment.end - segment.begin, 900);
  EXPECT_EQ(found.back().end, 3000);
}

TEST(SpeechSegmenter, WhatIsNoNumberIsSilence) {
  expect(segments_of(std::vector<float>(200, std::numeric_limits<float>::quiet_NaN())), {});
}

TEST(SpeechSegmenter, HoldsItsLimitsForAnyProbabilities) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const double bias = round / 200.0;
    std::vector<float> probabilities(4000);
    float level = 0;
    for (float& value : probabilities) {
      if (random() % 20 == 0) level = std::generate_canonical<double, 32>(random) < bias ? 0.9F : 0.1F;
      value = level;
    }
    SpeechSegmenter segmenter;
    std::int64_t last_end = 0;
    std::int64_t heard = 0;
    const auto check = [&](const std::optional<SpeechSegment>& segment, std::int64_t needed_before) {
      if (!segment) return;
      EXPECT_GE(segment->begin, last_end);
      EXPECT_GE(segment->begin, needed_before);
      EXPECT_GT(segment->end, segment->begin);
      EXPECT_LE(segment->end, heard);
      EXPECT_LE(segment->end - segment->begin, 900);
      last_end = segment->end;
    };
    for (const float value : probabilities) {
      const std::int64_t needed_before = segmenter.needed_from();
      ++heard;
      check(segmenter.push(value), needed_before);
      EXPECT_LE(heard - segmenter.needed_from(), 900);
    }
    const std::int64_t needed_before = segmenter.needed_from();
    check(segmenter.finish(), needed_before);
  }
}

}  // namespace
}  // namespace antiphon::audio
