#include "models/native/attention_alignment.h"

#include <gtest/gtest.h>

namespace antiphon::models {
namespace {

// Attention of each token to one block of rows, given as (first, last).
std::vector<float> blocks(const std::vector<RowSpan>& spans, int rows) {
  std::vector<float> attention(spans.size() * static_cast<std::size_t>(rows), 0.001F);
  for (std::size_t token = 0; token < spans.size(); ++token) {
    for (int row = spans[token].first; row <= spans[token].last; ++row) {
      attention[token * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row)] = 0.2F;
    }
  }
  return attention;
}

TEST(AttentionAlignment, FollowsBlocksOfAttention) {
  const std::vector<RowSpan> wanted{{0, 3}, {4, 9}, {10, 11}};
  const std::vector<RowSpan> found = align_tokens(blocks(wanted, 12), 12);
  ASSERT_EQ(found.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(found[i].first, wanted[i].first, 1) << i;  // neighbours may share a row
    EXPECT_NEAR(found[i].last, wanted[i].last, 1) << i;
  }
}

TEST(AttentionAlignment, IsMonotoneAndCoversAllRowsWhateverTheAttention) {
  std::vector<float> attention(7 * 5);
  for (std::size_t i = 0; i < attention.size(); ++i)
    attention[i] = static_cast<float>((i * 7919) % 13) / 13.0F;
  for (const int rows : {5, 7, 35}) {
    const std::vector<RowSpan> found = align_tokens(attention, rows);
    EXPECT_EQ(found.front().first, 0);
    EXPECT_EQ(found.back().last, rows - 1);
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_LE(found[i].first, found[i].last);
      if (i == 0) continue;
      EXPECT_GE(found[i].first, found[i - 1].last);
      EXPECT_LE(found[i].first, found[i - 1].last + 1);
    }
  }
}

TEST(AttentionAlignment, NoTokensNoSpans) {
  EXPECT_TRUE(align_tokens({}, 4).empty());
}

TEST(AttentionAlignment, OnsetSkipsAPauseBeforeTheWord) {
  // One word of two tokens in rows 2..9; its sound begins at row 6.
  std::vector<float> attention(2 * 12, 0.001F);
  attention[6] = attention[7] = 0.4F;
  attention[12 + 8] = attention[12 + 9] = 0.4F;
  EXPECT_EQ(onset_row(attention, 12, 0, 2, {2, 9}, 0.2F), 6);
  EXPECT_EQ(onset_row(attention, 12, 0, 2, {2, 9}, 0.0F), 2);
  EXPECT_EQ(onset_row(attention, 12, 0, 2, {2, 9}, 1.0F), 9);
  EXPECT_EQ(onset_row(std::vector<float>(12, 0.0F), 12, 0, 1, {3, 5}, 0.2F), 3);
}

}  // namespace
}  // namespace antiphon::models
