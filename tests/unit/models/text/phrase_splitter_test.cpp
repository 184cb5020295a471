#include "models/text/phrase_splitter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace antiphon::models::text {
namespace {

// The phrases of a reply that comes a word at a time, and how many words had come when each was given out.
std::vector<std::string> phrases_of(const std::string& reply, bool hurry) {
  PhraseSplitter splitter;
  std::vector<std::string> phrases;
  const auto take = [&](const std::string& after) {
    while (const auto phrase = splitter.next(hurry && phrases.empty())) {
      phrases.push_back(phrase->text.text() + " < " + after);
    }
  };
  std::string word;
  for (const char c : reply) {
    if (c == ' ') {
      splitter.feed(word);
      take(word);
      word.clear();
    }
    word += c;
  }
  splitter.feed(word);
  splitter.finish();
  take(word + " (end)");
  return phrases;
}

using Phrases = std::vector<std::string>;

TEST(PhraseSplitter, TakesAFirstPhraseToTheEndOfAShortSentence) {
  EXPECT_EQ(phrases_of("The capital of France is Paris. It is large.", false),
            (Phrases{"The capital of France is Paris. <  It", "It is large. <  large. (end)"}));
}

TEST(PhraseSplitter, InAHurryAFewWordsAreAPhrase) {
  EXPECT_EQ(phrases_of("The capital of France is Paris.", true).front(), "The capital of France <  is");
  EXPECT_EQ(phrases_of("Monday Tuesday Wednesday Thursday Friday.", true).front(),
            "Monday Tuesday Wednesday <  Thursday");
  EXPECT_EQ(phrases_of("Well, that depends on you.", true).front(), "Well, <  that");
}

TEST(PhraseSplitter, InAHurryItDoesNotPartWhatIsSaidInOneBreath) {
  EXPECT_EQ(phrases_of("There are 365 days in a year, I think.", true).front(), "There are 365 days <  in");
  EXPECT_EQ(phrases_of("Then please ask the doctor.", true).front(), "Then please ask <  the");
  EXPECT_EQ(phrases_of("Good doctors like Dr. Smith know it.", true).front(),
            "Good doctors like Dr. Smith <  know");
}

TEST(PhraseSplitter, OnlyWhatIsAskedForInAHurryIsShort) {
  EXPECT_EQ(phrases_of("The capital of France is a large city in the north.", true),
            (Phrases{"The capital of France <  is", "is a large city in the north. <  north. (end)"}));
}

}  // namespace
}  // namespace antiphon::models::text
