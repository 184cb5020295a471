#include "context_store/text/terms.h"

#include <libstemmer.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "context_store/storage/hash.h"

namespace antiphon::context_store {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

// Words that people use to ask for a relation.
constexpr std::array kAskedBy = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"name", "called"},
    {"home", "live moved city town address place"},
    {"origin", "from come country born"},
    {"birth", "born birthday age old"},
    {"birthday", "born age old"},
    {"job", "work profession living"},
    {"employer", "work job company"},
    {"allergy", "allergic eat avoid"},
    {"likes", "like love enjoy favourite favorite prefer"},
    {"dislikes", "dislike hate like"},
});

struct FreeStemmer {
  void operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }
};

// A stemmer keeps its last word, so each thread has its own.
std::uint64_t stem_of(const std::string& word) {
  thread_local const std::unique_ptr<sb_stemmer, FreeStemmer> stemmer(sb_stemmer_new("english", "UTF_8"));
  assert(stemmer != nullptr);
  const auto* stem = sb_stemmer_stem(stemmer.get(), reinterpret_cast<const sb_symbol*>(word.data()),
                                     static_cast<int>(word.size()));
  assert(stem != nullptr);
  return hash64(
      {reinterpret_cast<const char*>(stem), static_cast<std::size_t>(sb_stemmer_length(stemmer.get()))});
}

std::string date_words(Timestamp at) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  if (!date.ok()) return "";
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         std::string(kMonths[static_cast<unsigned>(date.month()) - 1]) + " " +
         std::to_string(static_cast<int>(date.year()));
}

}  // namespace

TermList terms_of(const std::vector<Word>& words) {
  TermList list;
  std::vector<std::uint64_t> stems;
  for (const Word& word : words) {
    if (!is_stop_word(word.lower)) stems.push_back(stem_of(word.lower));
  }
  list.length = static_cast<std::uint32_t>(stems.size());
  std::ranges::sort(stems);
  for (const std::uint64_t stem : stems) {
    if (list.terms.empty() || list.terms.back().stem != stem) list.terms.push_back({stem, 0});
    ++list.terms.back().count;
  }
  return list;
}

TermList terms_of(std::string_view text) {
  return terms_of(words_in(text));
}

TermList terms_of_turn(std::string_view text, std::string_view hint, Timestamp at) {
  std::string all(text);
  all += '\n';
  all += hint;
  all += '\n';
  all += date_words(at);
  return terms_of(all);
}

TermList terms_of_fact(const Fact& fact) {
  std::string text = fact.relation + "\n" + fact.object + "\n";
  const auto asked = std::ranges::find(kAskedBy, fact.relation, [](const auto& pair) { return pair.first; });
  text += asked == kAskedBy.end() ? "name called" : asked->second;  // the others are people and animals
  return terms_of(text);
}

}  // namespace antiphon::context_store
