#include "models/text/sentencepiece_vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/temporary_folder.h"

namespace antiphon::models::text {
namespace {

using testing::HasSubstr;

// Ids:                                   0        1      2       3         4        5      6    7       8 9
const SentencePieceVocabulary kVocabulary({"<unk>", "<s>", "</s>", "▁Hel", "lo", ",", "▁w", "\xC3", "\xB6",
                                           "rld",
                                           // 10 11   12           13   14
                                           "", "▁", "<<ST_7>>", "<", "a▁b"});

std::string text(std::vector<int> ids) {
  return kVocabulary.text(ids);
}

TEST(SentencePieceVocabulary, JoinsBytesAndTrimsSpaces) {
  EXPECT_EQ(text({3, 4, 5, 6, 7, 8, 9}), "Hello, wörld");
  EXPECT_EQ(text({11, 11, 3, 4, 11}), "Hello");
  EXPECT_EQ(text({}), "");
  EXPECT_EQ(text({11, 11}), "");
}

TEST(SentencePieceVocabulary, DropsSpecialsUnusedAndUnknownIds) {
  EXPECT_EQ(text({1, 3, 12, 4, 10, 0, 2, -1, 15, 1 << 30}), "Hello");
  EXPECT_EQ(text({3, 4, 13}), "Hello<");
}

TEST(SentencePieceVocabulary, RepairsACharacterThatIsCutOff) {
  EXPECT_EQ(text({6, 7}), "w\uFFFD");
  EXPECT_EQ(text({6, 7, 9}), "w\uFFFDrld");
}

TEST(SentencePieceVocabulary, WordsKnowTheirTokens) {
  const auto words = kVocabulary.words(std::vector<int>{1, 3, 12, 4, 5, 11, 6, 7, 8, 9, 14});
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].text, "Hello,");
  EXPECT_EQ(words[0].token_first, 1);
  EXPECT_EQ(words[0].token_end, 5);
  EXPECT_EQ(words[1].text, "wörlda");
  EXPECT_EQ(words[1].token_first, 6);
  EXPECT_EQ(words[1].token_end, 11);
  EXPECT_EQ(words[2].text, "b");
  EXPECT_EQ(words[2].token_first, 10);
  EXPECT_EQ(words[2].token_end, 11);
}

std::string refusal(const std::string& json) {
  const test::TemporaryFolder folder;
  const auto path = folder.file("tokenizer.json");
  std::ofstream(path, std::ios::binary) << json;
  try {
    return "read " + std::to_string(SentencePieceVocabulary::read(path).size());
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    return error.what();
  }
}

TEST(SentencePieceVocabulary, ReadsOneStringOfBytesForEachId) {
  EXPECT_EQ(refusal(R"(["a", "\u00e2\u0096\u0081", ""])"), "read 3");
  EXPECT_THAT(refusal(R"(["a", "\u2581"])"), HasSubstr("U+00FF"));
  EXPECT_THAT(refusal(R"({"a": 1})"), HasSubstr("array"));
  EXPECT_THAT(refusal("[]"), HasSubstr("array"));
  EXPECT_NE(refusal("[1]").substr(0, 4), "read");
  EXPECT_NE(refusal("[").substr(0, 4), "read");
  EXPECT_THROW((void)SentencePieceVocabulary::read("no such file"), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models::text
