#include "models/text/sentencepiece_bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

namespace antiphon::models::text {
namespace {

using ::testing::ElementsAre;

struct Entry {
  std::string name;
  TokenKind kind;
  double score;
};

std::unique_ptr<SentencePieceBpe> build(const std::vector<Entry>& entries, bool space_in_front = true) {
  std::vector<std::string_view> tokens;
  std::vector<TokenKind> kinds;
  std::vector<double> scores;
  for (const Entry& entry : entries) {
    tokens.push_back(entry.name);
    kinds.push_back(entry.kind);
    scores.push_back(entry.score);
  }
  return std::make_unique<SentencePieceBpe>(SentencePieceBpe::File{tokens, kinds, scores, space_in_front});
}

std::vector<Entry> small() {
  constexpr auto kNormal = TokenKind::kNormal;
  return {{"<unk>", TokenKind::kUnknown, 0},  // 0
          {"</s>", TokenKind::kControl, 0},   // 1
          {"\u2581", kNormal, -10},           // 2
          {"a", kNormal, -11},                // 3
          {"b", kNormal, -12},                // 4
          {"ab", kNormal, -2},                // 5
          {"\u2581a", kNormal, -1},           // 6
          {"ba", kNormal, -2},                // 7
          {"<0xC3>", TokenKind::kByte, 0},    // 8
          {"<0xA9>", TokenKind::kByte, 0}};   // 9
}

TEST(SentencePieceBpe, TheBestScoreGoesFirstAndThenTheLeftmost) {
  const auto bpe = build(small());
  EXPECT_THAT(bpe->encode("ab"), ElementsAre(6, 4)) << "the space takes the a";
  EXPECT_THAT(build(small(), false)->encode("ab"), ElementsAre(5));
  EXPECT_THAT(build(small(), false)->encode("aba"), ElementsAre(5, 3)) << "ab and ba score the same";
  EXPECT_THAT(bpe->encode(""), ElementsAre());
}

TEST(SentencePieceBpe, AnUnknownCharacterBecomesBytesOrTheUnknownToken) {
  const auto bpe = build(small(), false);
  EXPECT_THAT(bpe->encode("a\u00e9"), ElementsAre(3, 8, 9));
  EXPECT_THAT(bpe->encode("a\u00e8"), ElementsAre(3, 0)) << "no token for byte A8";
  EXPECT_THAT(bpe->encode("\xC3"), ElementsAre(8)) << "not UTF-8";
}

TEST(SentencePieceBpe, AUsersWordsNeverBecomeSpecialTokens) {
  const auto bpe = build(small(), false);
  for (const Token token : bpe->encode("</s><unk>a")) EXPECT_NE(token, 1);
  EXPECT_THAT(bpe->encode_with_specials("a</s>b"), ElementsAre(3, 1, 4));
}

TEST(SentencePieceBpe, DecodesSpacesAndBytes) {
  const auto bpe = build(small());
  EXPECT_EQ(bpe->decode(bpe->encode("a b\u00e9")), " a b\u00e9");
  EXPECT_EQ(bpe->bytes(1), "");
}

TEST(SentencePieceBpe, RefusesScoresThatAreNoNumbers) {
  std::vector<Entry> entries = small();
  entries[3].score = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(build(entries), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models::text
