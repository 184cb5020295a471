#include "models/text/prompt_window.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace antiphon::models::text {
namespace {

int tokens_from(const std::vector<HistoryItem>& history, std::size_t first) {
  int tokens = 0;
  for (std::size_t i = first; i < history.size(); ++i) tokens += history[i].tokens;
  return tokens;
}

TEST(CutHistory, KeepsAllThatFits) {
  const std::vector<HistoryItem> history{{10, true}, {20, false}, {5, true}, {5, false}};
  EXPECT_EQ(cut_history(history, 40, 10).first_kept, 0u);
  EXPECT_EQ(cut_history(history, 39, 10).first_kept, 2u);
  EXPECT_EQ(cut_history({}, 0, 0).first_kept, 0u);
}

TEST(CutHistory, KeepsTheLastTurnEvenIfItIsTooLong) {
  const std::vector<HistoryItem> history{{10, true}, {20, false}, {50, true}, {5, false}};
  const HistoryCut cut = cut_history(history, 40, 20);
  EXPECT_EQ(cut.first_kept, 2u);
  EXPECT_EQ(cut.tokens_kept, 55);
}

TEST(CutHistory, HoldsForAnyHistory) {
  std::mt19937 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::vector<HistoryItem> history(random() % 12);
    for (HistoryItem& item : history) item = {static_cast<int>(random() % 30), random() % 3 == 0};
    const int max = static_cast<int>(random() % 150);
    const int wanted = static_cast<int>(random() % static_cast<unsigned>(max + 1));
    const HistoryCut cut = cut_history(history, max, wanted);

    ASSERT_LE(cut.first_kept, history.size());
    EXPECT_EQ(cut.tokens_kept, tokens_from(history, cut.first_kept));
    if (tokens_from(history, 0) <= max) {
      EXPECT_EQ(cut.first_kept, 0u);
      continue;
    }
    ASSERT_LT(cut.first_kept, history.size());
    EXPECT_TRUE(cut.first_kept == 0 || history[cut.first_kept].starts_turn);
    bool later_turn = false;
    for (std::size_t i = cut.first_kept + 1; i < history.size(); ++i) later_turn |= history[i].starts_turn;
    EXPECT_TRUE(cut.tokens_kept <= wanted || !later_turn) << "fits, or is the last turn";
    for (std::size_t i = 1; i < cut.first_kept; ++i) {
      if (history[i].starts_turn) {
        EXPECT_GT(tokens_from(history, i), wanted) << "drops no turn needlessly";
      }
    }
  }
}

}  // namespace
}  // namespace antiphon::models::text
