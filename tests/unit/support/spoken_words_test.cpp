#include "tests/support/spoken_words.h"

#include <gtest/gtest.h>

namespace antiphon::test {
namespace {

int errors(std::string_view expected, std::string_view written) {
  return spoken_word_errors(expected, written).errors;
}

TEST(SpokenWords, DigitsCountAsTheWordsForThem) {
  EXPECT_EQ(errors("five dollars", "$5."), 0);
  EXPECT_EQ(errors("five dollars", "five dollars"), 0);
  EXPECT_EQ(errors("one point two million dollars", "$1.2 million"), 0);
  EXPECT_EQ(errors("twelve dollars and fifty cents", "$12.50"), 0);
  EXPECT_EQ(errors("twelve fifty", "$12.50"), 0);
  EXPECT_EQ(errors("one thousand four hundred eighty two", "1,482"), 0);
  EXPECT_EQ(errors("minus twelve degrees", "-12 degrees"), 0);
  EXPECT_EQ(errors("nineteen oh six", "1906"), 0);
  EXPECT_EQ(errors("two thousand eight", "2008"), 0);
  EXPECT_EQ(errors("the nineteen nineties", "the 1990s"), 0);
  EXPECT_EQ(errors("march third twenty twenty four", "March 3, 2024"), 0);
  EXPECT_EQ(errors("twenty first", "21st"), 0);
  EXPECT_EQ(errors("three quarters", "3/4"), 0);
  EXPECT_EQ(errors("one half", "1/2"), 0);
  EXPECT_EQ(errors("six oh five", "6:05"), 0);
  EXPECT_EQ(errors("nine o'clock", "9:00"), 0);
  EXPECT_EQ(errors("seven fifteen am", "7:15 a.m."), 0);
  EXPECT_EQ(errors("seven fifteen am", "7:15am"), 0);
  EXPECT_EQ(errors("five five five oh one four two", "555-0142."), 0);
  EXPECT_EQ(errors("seven three nine one", "7391"), 0);
  EXPECT_EQ(errors("three point one four", "3.14"), 0);
  EXPECT_EQ(errors("a twenty year loan", "A 20-year loan"), 0);
}

TEST(SpokenWords, SpellingsOfTheSameSoundAreEqual) {
  EXPECT_EQ(errors("the usa and ibm", "The U.S.A. and I.B.M."), 0);
  EXPECT_EQ(errors("the usa and ibm", "The U. S. A. and I B M"), 0);
  EXPECT_EQ(errors("doctor smith on main street", "Dr. Smith on Main St."), 0);
  EXPECT_EQ(errors("smith|smyth", "Smyth"), 0);
  EXPECT_EQ(errors("example dot com", "example.com"), 0);
  EXPECT_EQ(errors("fifty percent", "50%"), 0);
  EXPECT_EQ(errors("don't worry", "Don\u2019t worry!"), 0);
  EXPECT_EQ(errors("well known people", "Well-known people\u2014"), 0);
}

TEST(SpokenWords, ErrorsAreCounted) {
  EXPECT_EQ(errors("five dollars", "$6"), 1);
  EXPECT_EQ(errors("five dollars", ""), 2);
  EXPECT_EQ(errors("", "five dollars"), 2);
  EXPECT_EQ(errors("the red car", "the car"), 1);
  EXPECT_EQ(errors("the red car", "the bright red card"), 2);
  EXPECT_EQ(errors("seven fifteen am", "7:50 p.m."), 2);
  EXPECT_EQ(spoken_word_errors("the red car", "").words, 3);
}

TEST(SpokenWords, StrangeTextsAreOnlyWords) {
  for (const char* text : {".", "-", "$", "1.2.3", "99999999999999999999999", "$1.99999999999999999999",
                           "1/0", "12:99", "-", "--5", "$.", "3rdx", "\xff\xfe", "1990s's"}) {
    EXPECT_GE(errors("word", text), 0) << text;
  }
}

}  // namespace
}  // namespace antiphon::test
