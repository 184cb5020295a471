#include "context_store/text/statements.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace antiphon::context_store {
namespace {

constexpr std::size_t kStatementsMax = 16;  // of one turn
constexpr std::size_t kNamesMax = 32;       // likewise
constexpr std::size_t kObjectWordsMax = 6;
constexpr std::size_t kNameWordsMax = 3;

enum class Object : std::uint8_t { kName, kPhrase };

// In a pattern, "[kin]" is a person or an animal, "[thing]" any word; either becomes the relation. The object
// follows the pattern.
struct Pattern {
  std::string_view words;
  std::string_view relation;  // empty: the word in brackets
  Object object;
  bool only_one;
};

constexpr std::array kPatterns = std::to_array<Pattern>({
    {"my name is", "name", Object::kName, true},
    {"my name 's", "name", Object::kName, true},
    {"i am called", "name", Object::kName, true},
    {"call me", "name", Object::kName, true},
    {"my [kin] is called", "", Object::kName, true},
    {"my [kin] is named", "", Object::kName, true},
    {"my [kin] 's name is", "", Object::kName, true},
    {"my [kin] 's called", "", Object::kName, true},
    {"[kin] called", "", Object::kName, true},
    {"[kin] named", "", Object::kName, true},
    {"i live in", "home", Object::kName, true},
    {"i live at", "home", Object::kPhrase, true},
    {"i am living in", "home", Object::kName, true},
    {"i moved to", "home", Object::kName, true},
    {"i have moved to", "home", Object::kName, true},
    {"we moved to", "home", Object::kName, true},
    {"we live in", "home", Object::kName, true},
    {"i am from", "origin", Object::kName, true},
    {"i come from", "origin", Object::kName, true},
    {"i was born in", "birth", Object::kPhrase, true},
    {"i was born on", "birth", Object::kPhrase, true},
    {"my birthday is", "birthday", Object::kPhrase, true},
    {"my birthday 's", "birthday", Object::kPhrase, true},
    {"i work as", "job", Object::kPhrase, true},
    {"i work at", "employer", Object::kPhrase, true},
    {"i work for", "employer", Object::kPhrase, true},
    {"my job is", "job", Object::kPhrase, true},
    {"my favourite [thing] is", "favourite", Object::kPhrase, true},
    {"my favorite [thing] is", "favourite", Object::kPhrase, true},
    {"i am allergic to", "allergy", Object::kPhrase, false},
    {"i like", "likes", Object::kPhrase, false},
    {"i love", "likes", Object::kPhrase, false},
    {"i enjoy", "likes", Object::kPhrase, false},
    {"i prefer", "likes", Object::kPhrase, false},
    {"i hate", "dislikes", Object::kPhrase, false},
    {"i do not like", "dislikes", Object::kPhrase, false},
});

constexpr std::array kKin = std::to_array<std::string_view>({
    "aunt",    "baby",        "boss",    "boyfriend", "brother", "cat",     "colleague",  "cousin",
    "dad",     "daughter",    "dog",     "father",    "fiance",  "friend",  "girlfriend", "grandfather",
    "grandma", "grandmother", "grandpa", "hamster",   "horse",   "husband", "kid",        "kitten",
    "mom",     "mother",      "mum",     "neighbour", "nephew",  "niece",   "parrot",     "partner",
    "pet",     "puppy",       "rabbit",  "sister",    "son",     "teacher", "uncle",      "wife",
});
static_assert(std::ranges::is_sorted(kKin));

constexpr std::array kFillers = std::to_array<std::string_view>(
    {"actually", "also", "always", "currently", "just", "now", "really", "recently", "still"});

// Where an object ends at the latest.
constexpr std::array kJoints =
    std::to_array<std::string_view>({"and", "as", "because", "but", "for", "if", "or", "since", "so", "than",
                                     "that", "when", "where", "which", "while", "who", "with"});

// Words that often stand before a name at the beginning of a sentence.
constexpr std::array kOpeners = std::to_array<std::string_view>(
    {"congrats", "dear",  "good",     "great", "hello",   "hey",  "hi",    "last",     "let",
     "maybe",    "next",  "okay",     "ok",    "perhaps", "poor", "since", "sure",     "thank",
     "thanks",   "today", "tomorrow", "well",  "wow",     "yeah", "yes",   "yesterday"});

template <std::size_t kSize>
bool is_one_of(const std::array<std::string_view, kSize>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::vector<Word> without_fillers(const std::vector<Word>& words) {
  std::vector<Word> kept;
  bool broken_off = false;
  for (const Word& word : words) {
    broken_off |= word.broken_off;
    if (is_one_of(kFillers, word.lower)) continue;
    kept.push_back(word);
    kept.back().broken_off = broken_off;
    broken_off = false;
  }
  return kept;
}

std::string as_said(const Word& word) {
  std::string text = word.lower;
  if (word.capital) text.front() = static_cast<char>(text.front() & ~0x20);
  return text;
}

struct Match {
  std::size_t behind = 0;  // the first word of the object
  std::string bracket;
};

std::optional<Match> match(const Pattern& pattern, const std::vector<Word>& words, std::size_t at) {
  Match found;
  std::string_view rest = pattern.words;
  for (bool first = true; !rest.empty(); first = false, ++at) {
    const std::string_view wanted = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), wanted.size() + 1));
    if (at >= words.size() || (!first && words[at].broken_off)) return std::nullopt;
    const std::string& word = words[at].lower;
    if (wanted == "[kin]" || wanted == "[thing]") {
      if (wanted == "[kin]" && !std::ranges::binary_search(kKin, word)) return std::nullopt;
      found.bracket = word;
    } else if (word != wanted) {
      return std::nullopt;
    }
  }
  found.behind = at;
  return found;
}

// A name ends where capitals end, if it has any: "Biscuit today", but "biscuit" where nothing is capital.
std::string object_at(const std::vector<Word>& words, std::size_t at, Object kind) {
  std::string object;
  const std::size_t most = kind == Object::kName ? kNameWordsMax : kObjectWordsMax;
  const bool capital = at < words.size() && words[at].capital;
  for (std::size_t taken = 0; at < words.size() && taken < most; ++at) {
    const Word& word = words[at];
    if (word.broken_off || is_one_of(kJoints, word.lower) || word.lower == "'s") break;
    if (object.empty() && (word.lower == "a" || word.lower == "an" || word.lower == "the")) continue;
    if (kind == Object::kName && taken > 0 && (!capital || !word.capital)) break;
    object += (object.empty() ? "" : " ") + as_said(word);
    ++taken;
  }
  return object;
}

// "I love it" says nothing.
bool says_something(std::string_view object) {
  return std::ranges::any_of(words_in(object), [](const Word& word) { return !is_stop_word(word.lower); });
}

std::string relation_of(const Pattern& pattern, const Match& found) {
  if (pattern.relation.empty()) return found.bracket;
  return found.bracket.empty() ? std::string(pattern.relation)
                               : std::string(pattern.relation) + " " + found.bracket;
}

}  // namespace

std::vector<Statement> statements_in(const std::vector<Word>& all_words) {
  const std::vector<Word> words = without_fillers(all_words);
  std::vector<Statement> statements;
  for (std::size_t at = 0; at < words.size() && statements.size() < kStatementsMax; ++at) {
    for (const Pattern& pattern : kPatterns) {
      const std::optional<Match> found = match(pattern, words, at);
      if (!found) continue;
      Statement statement{relation_of(pattern, *found), object_at(words, found->behind, pattern.object),
                          pattern.only_one};
      if (!says_something(statement.object) || std::ranges::count(statements, statement) > 0) continue;
      statements.push_back(std::move(statement));
      break;
    }
  }
  return statements;
}

std::vector<std::string> names_in(const std::vector<Word>& words) {
  std::vector<std::string> names;
  std::string run;
  bool run_begins = false;  // the run is one word that begins a sentence
  const auto end_run = [&] {
    if (!run.empty() && !run_begins && std::ranges::count(names, run) == 0) names.push_back(run);
    run.clear();
  };
  for (const Word& word : words) {
    const bool part = word.capital && word.lower.size() > 1 && !is_stop_word(word.lower) &&
                      !(word.begins && is_one_of(kOpeners, word.lower));
    if (!part || word.broken_off || word.begins) end_run();
    if (!part || names.size() >= kNamesMax) continue;
    run_begins = run.empty() && word.begins;
    run += (run.empty() ? "" : " ") + as_said(word);
  }
  end_run();
  return names;
}

}  // namespace antiphon::context_store
