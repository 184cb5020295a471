#include "tests/support/word_errors.h"

#include <gmock/gmock.h>

namespace antiphon::test {
namespace {

using testing::ElementsAre;

TEST(NormalisedWords, SpellsNumbersAndContractionsOut) {
  EXPECT_THAT(normalised_words("It\u2019s $2,250 \u2013 OK?"),
              ElementsAre("it", "is", "two", "thousand", "two", "hundred", "fifty", "dollars", "okay"));
  EXPECT_THAT(
      normalised_words("Mr. Gray can't, on May 21st 1905"),
      ElementsAre("mister", "gray", "can", "not", "on", "may", "twenty", "first", "nineteen", "o", "five"));
  EXPECT_THAT(normalised_words("um, [noise] 1,000,000 GREY neighbours"),
              ElementsAre("one", "million", "gray", "neighbours"));
}

TEST(WordErrors, CountsTheCheapestAlignment) {
  const WordErrors errors = word_errors("a b c d", "a x c d e");
  EXPECT_EQ(errors.errors, 2);
  EXPECT_EQ(errors.words, 4);
  EXPECT_EQ(word_errors("one two", "").errors, 2);
  EXPECT_EQ(word_errors("", "one").percent(), 0);
  EXPECT_EQ(word_errors("ANY ONE", "Any one.").errors, 0);
}

}  // namespace
}  // namespace antiphon::test
