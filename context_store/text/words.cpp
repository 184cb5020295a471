#include "context_store/text/words.h"

#include <algorithm>
#include <array>
#include <utility>

namespace antiphon::context_store {
namespace {

constexpr std::array kStopWords = std::to_array<std::string_view>({
    "'s",     "a",      "about", "after", "again",   "all",   "also",    "am",    "an",    "and",    "any",
    "are",    "as",     "at",    "be",    "because", "been",  "before",  "being", "but",   "by",     "can",
    "could",  "d",      "did",   "do",    "does",    "doing", "down",    "for",   "from",  "had",    "has",
    "have",   "having", "he",    "her",   "here",    "hers",  "him",     "his",   "how",   "i",      "if",
    "in",     "into",   "is",    "it",    "its",     "just",  "ll",      "me",    "might", "more",   "most",
    "my",     "no",     "nor",   "not",   "now",     "of",    "off",     "oh",    "on",    "once",   "only",
    "or",     "other",  "our",   "ours",  "out",     "over",  "own",     "re",    "s",     "same",   "she",
    "should", "so",     "some",  "such",  "t",       "than",  "that",    "the",   "their", "theirs", "them",
    "then",   "there",  "these", "they",  "this",    "those", "through", "to",    "too",   "under",  "until",
    "up",     "us",     "ve",    "very",  "was",     "we",    "were",    "what",  "when",  "where",  "which",
    "while",  "who",    "whom",  "why",   "will",    "with",  "would",   "you",   "your",  "yours",
});
static_assert(std::ranges::is_sorted(kStopWords));

// What may stand behind an apostrophe, and the word that it stands for.
constexpr std::array kEndings = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"m", "am"},
    {"re", "are"},
    {"ve", "have"},
    {"ll", "will"},
    {"d", "would"},
    {"s", "'s"},
    {"t", "not"},
});

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
}

// Bytes of an apostrophe at a place: ' or the curly one, 0 if there is none.
std::size_t apostrophe_at(std::string_view text, std::size_t at) {
  if (text[at] == '\'') return 1;
  return text.substr(at, 3) == "\xE2\x80\x99" ? 3 : 0;
}

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {}

  std::vector<Word> run() {
    while (at_ < text_.size()) {
      const std::size_t apostrophe = apostrophe_at(text_, at_);
      if (apostrophe == 0 && is_word_byte(text_[at_])) {
        take_word();
      } else {
        skip(apostrophe == 0 ? 1 : apostrophe);
      }
    }
    return std::move(words_);
  }

 private:
  void take_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word_byte(text_[at_]) && apostrophe_at(text_, at_) == 0) ++at_;
    Word word;
    word.lower = text_.substr(begin, at_ - begin);
    word.capital = is_capital(word.lower.front());
    word.begins = begins_;
    word.broken_off = broken_;
    word.at = begin;
    word.bytes = at_ - begin;
    std::ranges::transform(word.lower, word.lower.begin(),
                           [](char c) { return is_capital(c) ? static_cast<char>(c | 0x20) : c; });
    if (after_apostrophe_) {
      expand(word.lower);
      word.capital = false;
    }
    words_.push_back(std::move(word));
    begins_ = broken_ = after_apostrophe_ = false;
  }

  void expand(std::string& lower) {
    const auto ending = std::ranges::find(kEndings, lower, [](const auto& pair) { return pair.first; });
    if (ending == kEndings.end()) return;
    // "don't" was split behind the n.
    std::string& before = words_.back().lower;
    if (lower == "t" && before.size() > 2 && before.back() == 'n') before.pop_back();
    lower = ending->second;
  }

  void skip(std::size_t bytes) {
    const char c = text_[at_];
    after_apostrophe_ = c != ' ' && apostrophe_at(text_, at_) > 0 && !words_.empty() && at_ > 0 &&
                        is_word_byte(text_[at_ - 1]);
    if (c == '.' || c == '!' || c == '?' || c == '\n') begins_ = true;
    if (c != ' ' && c != '-' && !after_apostrophe_) broken_ = true;
    at_ += bytes;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Word> words_;
  bool begins_ = true;
  bool broken_ = false;
  bool after_apostrophe_ = false;
};

}  // namespace

std::vector<Word> words_in(std::string_view text) {
  return Splitter(text).run();
}

bool is_question(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n\"')");
  return last != std::string_view::npos && text[last] == '?';
}

bool is_stop_word(std::string_view lower) {
  return std::ranges::binary_search(kStopWords, lower);
}

}  // namespace antiphon::context_store
