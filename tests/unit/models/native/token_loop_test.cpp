#include "models/native/token_loop.h"

#include <gtest/gtest.h>

#include <vector>

namespace antiphon::models {
namespace {

std::vector<int> repeated(std::vector<int> head, const std::vector<int>& run, int times) {
  for (int i = 0; i < times; ++i) head.insert(head.end(), run.begin(), run.end());
  return head;
}

TEST(TokenLoop, FindsTheShortestPeriod) {
  const TokenLoop single = find_token_loop(repeated({9, 8}, {5}, 16));
  EXPECT_EQ(single.period, 1);
  EXPECT_EQ(single.repeats, 16);
  const TokenLoop pair = find_token_loop(repeated({9, 8}, {5, 6}, 8));
  EXPECT_EQ(pair.period, 2);
  EXPECT_EQ(pair.repeats, 8);
  const TokenLoop sentence = find_token_loop(repeated({}, {1, 2, 3, 4, 5, 6, 7}, 4));
  EXPECT_EQ(sentence.period, 7);
  EXPECT_EQ(sentence.repeats, 4);
}

TEST(TokenLoop, LetsPeopleRepeatThemselves) {
  EXPECT_EQ(find_token_loop(repeated({3}, {5, 6}, 7)).period, 0);  // "no, no, no, no, no, no, no,"
  EXPECT_EQ(find_token_loop(repeated({3}, {1, 2, 3, 4, 5}, 3)).period, 0);
  EXPECT_EQ(find_token_loop(repeated({}, {5}, 15)).period, 0);
  EXPECT_EQ(find_token_loop({}).period, 0);
}

TEST(TokenLoop, OnlyTheEndCounts) {
  auto ids = repeated({}, {5, 6}, 20);
  ids.push_back(1);
  EXPECT_EQ(find_token_loop(ids).period, 0);
}

TEST(TokenLoop, IsSeenAtTheFirstTokenThatCompletesIt) {
  auto ids = repeated({9}, {1, 2, 3, 4}, 4);
  EXPECT_EQ(find_token_loop(ids).repeats, 4);
  ids.pop_back();
  EXPECT_EQ(find_token_loop(ids).period, 0);
}

}  // namespace
}  // namespace antiphon::models
