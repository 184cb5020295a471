#include "models/text/sentence_end.h"

#include <algorithm>
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/rewrite_rule.h"

namespace antiphon::models::text {
namespace {

constexpr std::string_view kBound[] = {
    "Dr",  "Mr",   "Mrs", "Ms",  "Prof", "Mt",  "Ft",  "Gen",  "Gov",  "Sen", "Rep", "Capt",   "Lt", "Col",
    "Sgt", "Cmdr", "Rev", "Hon", "Pres", "Maj", "Adm", "vs",   "e.g",  "i.e", "cf",  "approx", "ca", "fig",
    "Fig", "vol",  "Vol", "pp",  "Nos",  "nos", "ext", "Msgr", "Supt", "Cpl", "eds", "Atty"};
// May stand inside a sentence or end it.
constexpr std::string_view kEither[] = {"St",   "Inc", "Ltd",   "Corp", "Co",  "Jr",  "Sr",   "etc",  "Ave",
                                        "Blvd", "Rd",  "Ln",    "Jan",  "Feb", "Mar", "Apr",  "Jun",  "Jul",
                                        "Aug",  "Sep", "Sept",  "Oct",  "Nov", "Dec", "Mon",  "Tue",  "Tues",
                                        "Wed",  "Thu", "Thurs", "Fri",  "Sat", "Sun", "Dept", "Univ", "Bros",
                                        "Apt",  "al",  "min",   "hr",   "hrs", "oz",  "lb",   "lbs",  "ft"};
constexpr std::string_view kJoints[] = {
    "and",    "but",   "or",    "so",      "because", "that",    "which",  "who",     "when",
    "where",  "while", "if",    "as",      "than",    "then",    "with",   "from",    "for",
    "to",     "in",    "on",    "at",      "by",      "of",      "into",   "about",   "after",
    "before", "until", "since", "through", "during",  "without", "within", "between", "like"};
// Besides the joints.
constexpr std::string_view kLeaning[] = {
    "a",    "an",    "the",   "this",  "these", "those",  "my",    "your",    "his",    "her",     "its",
    "our",  "their", "i",     "i'm",   "you",   "he",     "she",   "it",      "it's",   "we",      "they",
    "is",   "are",   "was",   "were",  "be",    "been",   "am",    "has",     "have",   "had",     "do",
    "does", "did",   "can",   "could", "will",  "would",  "may",   "might",   "must",   "not",     "no",
    "some", "any",   "each",  "every", "there", "very",   "more",  "most",    "such",   "what",    "how",
    "why",  "only",  "even",  "also",  "just",  "you're", "we're", "they're", "that's", "there's", "i'll",
    "i'd",  "let",   "let's", "one",   "two"};

template <std::size_t kSize>
bool has(const std::string_view (&words)[kSize], std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

std::string_view without_closers(std::string_view word) {
  for (bool again = true; again && !word.empty();) {
    again = false;
    for (const std::string_view closer : {"\"", "'", ")", "]", "”", "’"}) {
      if (!word.ends_with(closer)) continue;
      word.remove_suffix(closer.size());
      again = true;
    }
  }
  return word;
}

std::string_view without_openers(std::string_view word) {
  const std::size_t start = word.find_first_not_of("\"'([");
  word = start == std::string_view::npos ? std::string_view() : word.substr(start);
  return word.starts_with("“") ? word.substr(std::string_view("“").size()) : word;
}

char first_of_next(std::string_view after) {
  const std::size_t start = after.find_first_not_of(" \n\"'(");
  return start == std::string_view::npos ? '\0' : after[start];
}

bool next_word_is_known(std::string_view after, bool complete) {
  const std::size_t start = after.find_first_not_of(" \n");
  return complete ||
         (start != std::string_view::npos && after.find_first_of(" \n", start) != std::string_view::npos);
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

// A word that ends with one period.
WordEnd end_of_period(std::string_view core, std::string_view after, bool complete) {
  if (has(kBound, core))
    return complete && first_of_next(after) == '\0' ? WordEnd::kSentence : WordEnd::kPlain;
  const char next = first_of_next(after);
  const bool number_sign = core == "No" || core == "no";
  if (number_sign || all_digits(core)) {
    if (next == '\0') return complete ? WordEnd::kSentence : WordEnd::kUnknown;
    return number_sign == is_digit(static_cast<unsigned char>(next)) ? WordEnd::kPlain : WordEnd::kSentence;
  }
  const bool dotted = core.find('.') != std::string_view::npos && !has_digit(core) && core.size() < 8;
  const bool initial = core.size() == 1 && is_capital(core[0]) && core != "I";
  if (!dotted && !initial && !has(kEither, core)) return WordEnd::kSentence;
  if (!next_word_is_known(after, complete)) return WordEnd::kUnknown;
  const bool ends = next == '\0' || sentence_may_open(after);
  return ends ? WordEnd::kSentence : WordEnd::kPlain;
}

}  // namespace

bool is_bound_abbreviation(std::string_view word) {
  if (!word.ends_with('.')) return false;
  word = without_openers(word.substr(0, word.size() - 1));
  return has(kBound, word) || word == "St" || word == "No" || word == "no" ||
         (word.size() == 1 && is_capital(word[0]));
}

bool is_joint(std::string_view word) {
  return has(kJoints, word);
}

bool leans_on_next(std::string_view word) {
  const std::string lower = lower_case(without_openers(word));
  return has(kJoints, lower) || has(kLeaning, lower);
}

WordEnd end_of_word(std::string_view word, std::string_view after, bool complete) {
  const std::string_view core = without_closers(word);
  if (core.empty()) return WordEnd::kPlain;
  if (core.ends_with('!') || core.ends_with('?')) return WordEnd::kSentence;
  if (core.ends_with("...") || core.ends_with("…")) {
    const char next = first_of_next(after);
    if (next == '\0') return complete ? WordEnd::kSentence : WordEnd::kUnknown;
    return is_capital(next) ? WordEnd::kSentence : WordEnd::kClause;
  }
  if (core.ends_with('.'))
    return end_of_period(without_openers(core.substr(0, core.size() - 1)), after, complete);
  const bool dash = core == "-" || core == "--" || core.ends_with("—") || core.ends_with("–");
  if (!dash && std::string_view(",;:").find(core.back()) == std::string_view::npos) return WordEnd::kPlain;
  if (!has_digit(core)) return WordEnd::kClause;
  const char next = first_of_next(after);  // "March 3, 2024" and "1, 2, 3" stay together
  if (next == '\0') return complete ? WordEnd::kClause : WordEnd::kUnknown;
  return is_digit(static_cast<unsigned char>(next)) ? WordEnd::kPlain : WordEnd::kClause;
}

}  // namespace antiphon::models::text
