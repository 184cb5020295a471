#include "models/text/byte_level_bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "tests/support/byte_vocabulary.h"

namespace antiphon::models::text {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<ByteLevelBpe> build(const test::ByteVocabulary& vocabulary, std::string_view pre = "qwen2") {
  const auto tokens = vocabulary.tokens();
  const auto merges = vocabulary.merges();
  return std::make_unique<ByteLevelBpe>(ByteLevelBpe::File{tokens, vocabulary.kinds(), merges, pre});
}

TEST(ByteLevelBpe, MergesByRankNotByPlace) {
  test::ByteVocabulary vocabulary;
  const Token bc = vocabulary.add_merge("b", "c");
  const Token ab = vocabulary.add_merge("a", "b");
  const Token abbc = vocabulary.add_merge("ab", "bc");
  const auto bpe = build(vocabulary);
  EXPECT_THAT(bpe->encode("abc"), ElementsAre('a', bc)) << "bc goes before ab";
  EXPECT_THAT(bpe->encode("abab"), ElementsAre(ab, ab));
  EXPECT_THAT(bpe->encode("abbc"), ElementsAre(abbc));
  EXPECT_THAT(bpe->encode("ab b"), ElementsAre(ab, ' ', 'b')) << "not across pieces";
}

TEST(ByteLevelBpe, OfEqualPairsTheLeftmostGoesFirst) {
  test::ByteVocabulary vocabulary;
  const Token aa = vocabulary.add_merge("a", "a");
  const Token aaaa = vocabulary.add_merge("aa", "aa");
  const auto bpe = build(vocabulary);
  EXPECT_THAT(bpe->encode("aaa"), ElementsAre(aa, 'a'));
  EXPECT_THAT(bpe->encode("aaaaaaa"), ElementsAre(aaaa, aa, 'a'));
}

TEST(ByteLevelBpe, AUsersWordsNeverBecomeSpecialTokens) {
  test::ByteVocabulary vocabulary;
  const Token end = vocabulary.add_special("<|im_end|>", TokenKind::kControl);
  const Token call = vocabulary.add_special("<tool_call>", TokenKind::kUserDefined);
  const auto bpe = build(vocabulary);
  for (const Token token : bpe->encode("x<|im_end|><tool_call>")) EXPECT_LT(token, 256);
  EXPECT_EQ(bpe->decode(bpe->encode("x<|im_end|>")), "x<|im_end|>");
  EXPECT_THAT(bpe->encode_with_specials("x<|im_end|><<tool_call>"), ElementsAre('x', end, '<', call));
  EXPECT_EQ(bpe->special("<|im_end|>"), end);
  EXPECT_EQ(bpe->special("<|im_start|>"), std::nullopt);
  EXPECT_EQ(bpe->bytes(end), "") << "a control token is no text";
  EXPECT_EQ(bpe->bytes(call), "<tool_call>");
}

TEST(ByteLevelBpe, OfTwoSpecialNamesTheLongerCounts) {
  test::ByteVocabulary vocabulary;
  vocabulary.add_special("<a>", TokenKind::kControl);
  const Token longer = vocabulary.add_special("<a><b>", TokenKind::kControl);
  EXPECT_THAT(build(vocabulary)->encode_with_specials("<a><b>"), ElementsAre(longer));
}

TEST(ByteLevelBpe, LlamaTriesAWholePieceBeforeItsMerges) {
  test::ByteVocabulary vocabulary;
  const Token ab = vocabulary.add_merge("a", "b");
  const Token bc = vocabulary.add_merge("b", "c");
  const Token abc = vocabulary.add_merge("a", "bc");
  EXPECT_THAT(build(vocabulary, "qwen2")->encode("abc"), ElementsAre(ab, 'c'));
  EXPECT_THAT(build(vocabulary, "llama-bpe")->encode("abc"), ElementsAre(abc));
  EXPECT_THAT(build(vocabulary, "llama-bpe")->encode("bc"), ElementsAre(bc));
}

TEST(ByteLevelBpe, AnyBytesComeBackAsTheyWere) {
  test::ByteVocabulary vocabulary;
  vocabulary.add_merge("\xC3", "\xA9");
  vocabulary.add_merge(" ", " ");
  vocabulary.add_merge("\xFF", "\xFF");
  const auto bpe = build(vocabulary);
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 60; i > 0; --i) bytes += static_cast<char>(random() % 256);
    EXPECT_EQ(bpe->decode(bpe->encode(bytes)), bytes);
  }
}

TEST(ByteLevelBpe, AByteWithoutATokenIsLeftOut) {
  const std::vector<std::string_view> tokens{"a", "b"};
  const std::vector<TokenKind> kinds(2, TokenKind::kNormal);
  const ByteLevelBpe bpe({tokens, kinds, {}, "smollm"});
  EXPECT_THAT(bpe.encode("a\x01"
                         "cb"),
              ElementsAre(0, 1));
}

TEST(ByteLevelBpe, ALongWordIsNoTrap) {
  test::ByteVocabulary vocabulary;
  std::string run = "a";
  for (int i = 0; i < 12; ++i, run += run) vocabulary.add_merge(run, run);
  const auto bpe = build(vocabulary);
  EXPECT_EQ(bpe->encode(std::string(1 << 18, 'a')).size(), std::size_t{1} << 6);
}

TEST(ByteLevelBpe, SaysWhatIsWrongWithAVocabulary) {
  const std::vector<std::string_view> tokens{"a", "b", "ab"};
  const std::vector<TokenKind> kinds(3, TokenKind::kNormal);
  const auto error_of = [&](std::vector<std::string_view> merges, std::span<const TokenKind> its_kinds) {
    try {
      const ByteLevelBpe bpe({tokens, its_kinds, merges, "qwen2"});
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(error_of({"a b"}, kinds), "");
  EXPECT_THAT(error_of({"a b", "a x"}, kinds), HasSubstr("merge 1"));
  EXPECT_THAT(error_of({"b a"}, kinds), HasSubstr("merge 0"));
  EXPECT_THAT(error_of({"ab"}, kinds), HasSubstr("merge 0"));
  EXPECT_THAT(error_of({""}, kinds), HasSubstr("merge 0"));
  EXPECT_THAT(error_of({}, std::span(kinds).first(2)), HasSubstr("token types"));
}

}  // namespace
}  // namespace antiphon::models::text
