// Where sentences and clauses end in plain text. Pure.
#pragma once

#include <string_view>

namespace antiphon::models::text {

enum class WordEnd {
  kPlain,     // the sentence goes on
  kClause,    // a comma, colon or dash stands here
  kSentence,  // a sentence ends here
  kUnknown,   // depends on text that has not come yet
};

// What the end of `word` is. `after` is the text behind the word, starting with white space or empty;
// `complete` says that nothing will follow `after`.
WordEnd end_of_word(std::string_view word, std::string_view after, bool complete);

// "Dr.", "No.": belongs to the word that follows.
bool is_bound_abbreviation(std::string_view word);

// A word before which a long sentence can be parted: "and", "because", "with".
bool is_joint(std::string_view word);

// A word that is said in one breath with the one after it: "the", "of", "is", "your". In any case.
bool leans_on_next(std::string_view word);

}  // namespace antiphon::models::text
