#include "models/text/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace antiphon::models::text {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> split(std::string_view name, std::string_view text) {
  std::vector<std::string_view> pieces;
  PreTokenizer(name).split(text, &pieces);
  return {pieces.begin(), pieces.end()};
}

TEST(PreTokenizer, CutsWordsWithTheirSpaceAndContractions) {
  for (const char* name : {"smollm", "qwen2", "llama-bpe"}) {
    EXPECT_THAT(split(name, "I'm here, don't"), ElementsAre("I", "'m", " here", ",", " don", "'t")) << name;
  }
  EXPECT_THAT(split("smollm", "I'M"), ElementsAre("I", "'", "M"));
  EXPECT_THAT(split("qwen2", "I'M"), ElementsAre("I", "'M"));
}

TEST(PreTokenizer, EachFamilyHasItsOwnWayWithDigits) {
  EXPECT_THAT(split("smollm", "in 1234"), ElementsAre("in", " ", "1", "2", "3", "4"));
  EXPECT_THAT(split("qwen2", "in 1234"), ElementsAre("in", " ", "1", "2", "3", "4"));
  EXPECT_THAT(split("llama-bpe", "in 1234"), ElementsAre("in", " ", "123", "4"));
  EXPECT_THAT(split("smollm", "in  12"), ElementsAre("in", "  ", "1", "2"));
  EXPECT_THAT(split("qwen2", "in  12"), ElementsAre("in", " ", " ", "1", "2"));
}

TEST(PreTokenizer, LeavesTheLastSpaceOfARunToTheWord) {
  EXPECT_THAT(split("smollm", "a   b  "), ElementsAre("a", "  ", " b", "  "));
  EXPECT_THAT(split("qwen2", "a \n\n b"), ElementsAre("a", " \n\n", " b"));
  EXPECT_THAT(split("smollm", "a\u00a0\u3000b"), ElementsAre("a", "\u00a0", "\u3000", "b"))
      << "Unicode spaces";
  EXPECT_THAT(split("smollm", "a\u180eb"), ElementsAre("a", "\u180e", "b")) << "not a space";
}

TEST(PreTokenizer, BytesThatAreNotUtf8ArePiecesOfTheirOwn) {
  EXPECT_THAT(split("qwen2", "ab\xFF\xC3 c\xE6\x97"), ElementsAre("ab", "\xFF\xC3", " c", "\xE6\x97"));
  EXPECT_THAT(split("qwen2", ""), ElementsAre());
}

TEST(PreTokenizer, LosesNothingOfLongTextOfAnyKind) {
  for (const char* name : {"smollm", "qwen2", "llama-bpe"}) {
    for (const std::string& unit :
         {std::string("a"), std::string(" "), std::string("\n"), std::string("\u3000"), std::string("\xFF"),
          std::string("!"), std::string("7"), std::string(" x\n \n")}) {
      std::string text;
      while (text.size() < 300'000) text += unit;
      std::string joined;
      for (const std::string& piece : split(name, text)) {
        EXPECT_FALSE(piece.empty());
        joined += piece;
      }
      EXPECT_TRUE(joined == text) << name << " '" << unit << "'";
    }
  }
}

TEST(PreTokenizer, RefusesANameThatItDoesNotKnow) {
  EXPECT_THROW(PreTokenizer("gpt-5"), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models::text
