#include "models/text/word_piece.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "models/text/bert_characters.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models::text {
namespace {

class WordPieceTest : public testing::Test {
 protected:
  static constexpr int kUnknown = 0, kBegin = 1, kEnd = 2;
  static WordPiece vocabulary_of(const std::vector<std::string>& tokens) {
    const test::TemporaryFolder folder;
    const auto path = folder.file("vocab.txt");
    std::ofstream file(path);
    for (const std::string& token : tokens) file << token << '\n';
    file.close();
    WordPiece result(path);
    return result;
  }
  // "hug" 3, "##s" 4, "##ging" 5, "," 6, "cafe" 7, "h" 8, "##g" 9, U+4E16 10, "=" 11
  const WordPiece pieces_ = vocabulary_of(
      {"[UNK]", "[CLS]", "[SEP]", "hug", "##s", "##ging", ",", "cafe", "h", "##g", "\xE4\xB8\x96", "="});
  std::vector<std::int32_t> inner(std::string_view text, int tokens_max = 256) const {
    auto ids = pieces_.encode(text, tokens_max);
    EXPECT_EQ(ids.front(), kBegin);
    EXPECT_EQ(ids.back(), kEnd);
    return {ids.begin() + 1, ids.end() - 1};
  }
  using Ids = std::vector<std::int32_t>;
};

TEST_F(WordPieceTest, CutsIntoTheLongestPieces) {
  EXPECT_EQ(inner("hugs hugging hgs"), (Ids{3, 4, 3, 5, 8, 9, 4}));
  EXPECT_EQ(inner("hugx"), (Ids{kUnknown})) << "one unknown token for the whole word";
  EXPECT_EQ(inner(""), Ids{});
}

TEST_F(WordPieceTest, FoldsCaseAndAccentsAndSplitsMarks) {
  EXPECT_EQ(inner("Caf\xC3\xA9,CAFE\xCC\x81"), (Ids{7, 6, 7}));
  EXPECT_EQ(inner("hug\xE4\xB8\x96\xE4\xB8\x96hug"), (Ids{3, 10, 10, 3}));
  EXPECT_EQ(inner("hug\xE2\x89\xA0hug"), (Ids{3, 11, 3})) << "a crossed = loses its stroke and is a mark";
  EXPECT_EQ(inner("hu\xE2\x80\x8Bg\tHUG"), (Ids{3, 3})) << "format characters vanish";
}

TEST_F(WordPieceTest, NamesOfSpecialTokensArePlainText) {
  EXPECT_EQ(inner("[SEP]"), (Ids{kUnknown, kUnknown, kUnknown}));
}

TEST_F(WordPieceTest, StopsAtTheLimit) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "hugging ";
  EXPECT_EQ(pieces_.encode(text, 256).size(), 256u);
  EXPECT_EQ(inner(text, 6), (Ids{3, 5, 3, 5}));
  EXPECT_EQ(inner(text, 5), (Ids{3, 5, 3})) << "a word may be cut";
  EXPECT_EQ(inner(text, 2), Ids{});
}

TEST_F(WordPieceTest, AWordOfMoreThanAHundredCharactersIsUnknown) {
  std::string word = "h";
  while (word.size() < 100) word += 'g';
  EXPECT_EQ(inner(word).size(), 100u);
  EXPECT_EQ(inner(word + "g"), (Ids{kUnknown}));
  EXPECT_EQ(inner(std::string(5'000'000, 'h') + " hug"), (Ids{kUnknown, 3}));
}

TEST_F(WordPieceTest, RubbishBytesAreLeftOut) {
  EXPECT_EQ(inner("hu\xFFg"), (Ids{3}));
  EXPECT_EQ(inner("\xC3"), Ids{}) << "cut off";
  EXPECT_EQ(inner("hug\xED\xA0\x80 hug\xC0\xAF\xF4\x90\x80\x80"), (Ids{3, 3}))
      << "surrogate, overlong, too large";
  std::mt19937 random(8);
  std::uniform_int_distribution<int> byte(0, 255), length(0, 300);
  for (int i = 0; i < 2000; ++i) {
    std::string text(static_cast<std::size_t>(length(random)), '\0');
    for (char& c : text) c = static_cast<char>(byte(random));
    const auto ids = pieces_.encode(text, 64);
    ASSERT_LE(ids.size(), 64u);
    ASSERT_TRUE(std::ranges::all_of(ids, [&](int id) { return id >= 0 && id < pieces_.size(); }));
  }
}

TEST_F(WordPieceTest, AFileWithoutSpecialTokensIsRefused) {
  EXPECT_THROW(vocabulary_of({"a", "b"}), std::runtime_error);
  EXPECT_THROW(WordPiece("/nonexistent/vocab.txt"), std::runtime_error);
}

TEST(BertCharacters, HangulFoldsIntoItsLetters) {
  EXPECT_EQ(bert_folding(0xAC00), (std::array<char32_t, 3>{0x1100, 0x1161, 0}));
  EXPECT_EQ(bert_folding(0xD55C), (std::array<char32_t, 3>{0x1112, 0x1161, 0x11AB}));
}

}  // namespace
}  // namespace antiphon::models::text
