// What is found in a text without a model.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "context_store/text/statements.h"
#include "context_store/text/terms.h"
#include "context_store/text/words.h"

namespace antiphon::context_store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> lower_words(std::string_view text) {
  std::vector<std::string> words;
  for (const Word& word : words_in(text)) words.push_back(word.lower);
  return words;
}

std::vector<std::string> statements(std::string_view text) {
  std::vector<std::string> found;
  for (const Statement& statement : statements_in(words_in(text))) {
    found.push_back(statement.relation + "/" + statement.object);
  }
  return found;
}

std::vector<std::string> names(std::string_view text) {
  return names_in(words_in(text));
}

TEST(Words, PartApostrophes) {
  EXPECT_THAT(lower_words("I'm sure; don't you?"), ElementsAre("i", "am", "sure", "do", "not", "you"));
  EXPECT_THAT(lower_words("My dog\xE2\x80\x99s name"), ElementsAre("my", "dog", "'s", "name"));
  EXPECT_THAT(lower_words("caf\xC3\xA9 24/7"), ElementsAre("caf\xC3\xA9", "24", "7"));
  EXPECT_THAT(lower_words("'' ' \xE2\x80\x99 ..."), IsEmpty());
}

TEST(Words, KnowWhereTheyStood) {
  const std::string text = "I don't, Caroline";
  const std::vector<Word> words = words_in(text);
  ASSERT_EQ(words.size(), 4U);
  EXPECT_EQ(text.substr(words[1].at, words[1].bytes), "don");
  EXPECT_EQ(text.substr(words[3].at, words[3].bytes), "Caroline");
}

TEST(Words, AQuestionEndsWithItsMark) {
  EXPECT_TRUE(is_question("Do you?"));
  EXPECT_TRUE(is_question("She said \"why?\" "));
  EXPECT_FALSE(is_question("Why? Because."));
  EXPECT_FALSE(is_question(""));
}

TEST(Words, KnowWhereSentencesBegin) {
  const std::vector<Word> words = words_in("Hey Mel, come. Now");
  EXPECT_TRUE(words[0].begins);
  EXPECT_FALSE(words[1].begins);
  EXPECT_TRUE(words[2].broken_off);
  EXPECT_TRUE(words[3].begins);
}

TEST(Statements, NameAndHome) {
  EXPECT_THAT(statements("Hi, my name is Igor."), ElementsAre("name/Igor"));
  EXPECT_THAT(statements("hello my name's igor"), ElementsAre("name/igor"));
  EXPECT_THAT(statements("I live in New York, near the park."), ElementsAre("home/New York"));
  EXPECT_THAT(statements("We just moved to Vienna last week."), ElementsAre("home/Vienna"));
  EXPECT_THAT(statements("I'm actually from Brno."), ElementsAre("origin/Brno"));
}

TEST(Statements, PeopleAndAnimals) {
  EXPECT_THAT(statements("My dog is called Biscuit and my sister's name is Anna."),
              ElementsAre("dog/Biscuit", "sister/Anna"));
  EXPECT_THAT(statements("I have a cat named Tom Yum today"), ElementsAre("cat/Tom Yum"));
  EXPECT_THAT(statements("my dog is called biscuit today"), ElementsAre("dog/biscuit"));
}

TEST(Statements, PreferencesAddUp) {
  const auto found =
      statements_in(words_in("I love plum cake but I hate beetroot. My favourite colour is dark blue."));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0], (Statement{"likes", "plum cake", false}));
  EXPECT_EQ(found[1], (Statement{"dislikes", "beetroot", false}));
  EXPECT_EQ(found[2], (Statement{"favourite colour", "dark blue", true}));
}

TEST(Statements, FindNothingWhereNothingIsSaid) {
  EXPECT_THAT(statements("I love it."), IsEmpty());
  EXPECT_THAT(statements("My name is"), IsEmpty());
  EXPECT_THAT(statements("What is my name? Call me."), IsEmpty());
  EXPECT_THAT(statements("My. Name is Igor"), IsEmpty());
  EXPECT_THAT(statements(""), IsEmpty());
}

TEST(Names, AreCapitalsInsideSentences) {
  EXPECT_THAT(names("Yesterday Anna Karenina met Boris in Prague."),
              ElementsAre("Anna Karenina", "Boris", "Prague"));
  EXPECT_THAT(names("Hey Mel! Wow, that is cool. I like it"), ElementsAre("Mel"));
  EXPECT_THAT(names("Nothing here"), IsEmpty());
}

TEST(Terms, AreStemsWithoutStopWords) {
  const TermList running = terms_of("She was running, and he runs");
  EXPECT_EQ(running.length, 2U);
  ASSERT_EQ(running.terms.size(), 1U);
  EXPECT_EQ(running.terms[0].count, 2U);
  EXPECT_EQ(terms_of("run").terms[0].stem, running.terms[0].stem);
  EXPECT_EQ(terms_of("the of and").length, 0U);
}

TEST(Terms, OfATurnHoldItsDate) {
  using namespace std::chrono;
  const TermList terms = terms_of_turn("Hello", "a lake", sys_days(year(2023) / 5 / 8));
  EXPECT_EQ(terms.length, 5U);  // hello, lake, 8, may, 2023
}

}  // namespace
}  // namespace antiphon::context_store
