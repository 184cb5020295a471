#include "models/decoding/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace antiphon::models {
namespace {

const std::vector<float> kLogits{1.0f, 3.0f, 2.0f, 3.0f, -1.0f};

std::map<Token, double> shares(const SamplingOptions& options, std::span<const float> logits,
                               const TokenMask* allowed = nullptr, std::span<const Token> history = {}) {
  Sampler sampler(options, 7);
  std::map<Token, double> counts;
  constexpr int kDraws = 20000;
  for (int i = 0; i < kDraws; ++i) counts[sampler.sample(logits, history, allowed)] += 1.0 / kDraws;
  return counts;
}

TEST(Sampler, GreedyTakesTheLikeliestAndOfEqualsTheFirst) {
  Sampler greedy({.temperature = 0}, 1);
  EXPECT_EQ(greedy.sample(kLogits, {}), 1);
  std::vector<float> many(1000, 0.0f);
  many[777] = 0.5f;
  EXPECT_EQ(greedy.sample(many, {}), 777);
}

TEST(Sampler, DrawsWithTheSoftmaxProbabilities) {
  const auto got = shares({.temperature = 1}, kLogits);
  double sum = 0;
  for (const float logit : kLogits) sum += std::exp(logit);
  for (Token token = 0; token < 5; ++token) {
    const double expected = std::exp(kLogits[static_cast<std::size_t>(token)]) / sum;
    EXPECT_NEAR(got.at(token), expected, 4 * std::sqrt(expected / 20000)) << token;
  }
}

TEST(Sampler, TopKAndTopPKeepTheLikeliest) {
  EXPECT_THAT(shares({.temperature = 1, .top_k = 2}, kLogits),
              testing::UnorderedElementsAre(testing::Key(1), testing::Key(3)));
  EXPECT_EQ(shares({.temperature = 1, .top_k = 1}, kLogits).begin()->first, 1);
  // 1 and 3 have 0.40 each, 2 has 0.15.
  EXPECT_EQ(shares({.temperature = 1, .top_p = 0.3f}, kLogits).size(), 1u);
  EXPECT_EQ(shares({.temperature = 1, .top_p = 0.7f}, kLogits).size(), 2u);
  EXPECT_EQ(shares({.temperature = 1, .top_p = 0.9f}, kLogits).size(), 3u);
  EXPECT_EQ(shares({.temperature = 1, .top_p = 0.0f}, kLogits).size(), 1u);
}

TEST(Sampler, PenaltyMakesOnlyTheWindowLessLikely) {
  const std::vector<Token> history{3, 1, 3, 0};
  Sampler all({.temperature = 0, .repetition_penalty = 2}, 1);
  EXPECT_EQ(all.sample(kLogits, history), 2) << "1 and 3 are halved";
  Sampler last_two({.temperature = 0, .repetition_penalty = 2, .repetition_window_tokens = 2}, 1);
  EXPECT_EQ(last_two.sample(kLogits, history), 1) << "1 is no longer in the window";
  Sampler negative({.temperature = 0, .repetition_penalty = 2}, 1);
  EXPECT_EQ(negative.sample(std::vector<float>{-1.0f, -1.5f}, std::vector<Token>{0}), 1);
}

TEST(Sampler, DrawsOnlyAllowedTokens) {
  TokenMask allowed(5);
  allowed.add(0);
  allowed.add(4);
  EXPECT_THAT(shares({.temperature = 2}, kLogits, &allowed),
              testing::UnorderedElementsAre(testing::Key(0), testing::Key(4)));
  Sampler greedy({.temperature = 0}, 1);
  EXPECT_EQ(greedy.sample(kLogits, {}, &allowed), 0);
}

TEST(Sampler, TheSameSeedGivesTheSameTokens) {
  std::vector<float> logits(5000);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i % 97) / 20;
  Sampler a({.temperature = 0.8f, .top_p = 0.95f}, 42), b({.temperature = 0.8f, .top_p = 0.95f}, 42),
      c({.temperature = 0.8f, .top_p = 0.95f}, 43);
  std::vector<Token> first, second, third;
  for (int i = 0; i < 50; ++i) {
    first.push_back(a.sample(logits, first));
    second.push_back(b.sample(logits, second));
    third.push_back(c.sample(logits, third));
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first, third);
}

TEST(Sampler, ASeedMeansTheSameEverywhere) {
  Sampler sampler({.temperature = 1}, 42);
  const std::vector<float> equal(10, 1.0f);
  std::vector<Token> tokens;
  for (int i = 0; i < 8; ++i) tokens.push_back(sampler.sample(equal, {}));
  EXPECT_THAT(tokens, testing::ElementsAre(7, 1, 2, 3, 0, 8, 2, 8)) << "tenths of SplitMix64's numbers";
}

TEST(Sampler, ScoresThatAreNotNumbersAreNeverChosen) {
  const std::vector<float> logits{std::nanf(""), 1.0f, -INFINITY, 0.5f};
  EXPECT_THAT(shares({.temperature = 1}, logits),
              testing::UnorderedElementsAre(testing::Key(1), testing::Key(3)));
}

}  // namespace
}  // namespace antiphon::models
