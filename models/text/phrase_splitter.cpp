#include "models/text/phrase_splitter.h"

#include <algorithm>
#include <string>

#include "models/text/characters.h"
#include "models/text/sentence_end.h"

namespace antiphon::models::text {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\n';
}

bool is_spoken(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return static_cast<signed char>(c) < 0 || is_digit(static_cast<unsigned char>(c)) ||
           ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  });
}

// Looks for the end of the phrase that starts at the text's beginning.
class CutFinder {
 public:
  CutFinder(std::string_view text, const PhraseLengths& lengths, bool complete)
      : text_(text), lengths_(lengths), complete_(complete) {}

  // Bytes of the phrase; nothing if its end has not come yet.
  std::optional<std::size_t> find() {
    for (std::size_t at = skip_blanks(0); at < text_.size(); at = skip_blanks(word_end_)) {
      word_end_ = std::min(text_.find_first_of(" \n", at), text_.size());
      if (word_end_ > PhraseSplitter::kBytesMax) return cut_at_limit();
      if (word_end_ == text_.size() && !complete_) return std::nullopt;
      const std::string_view word = text_.substr(at, word_end_ - at);
      note_gap(at, word);
      words_ += is_spoken(word) ? 1 : 0;
      if (const auto cut = cut_after(word)) return cut;
      if (waiting_) return std::nullopt;
      if (words_ > lengths_.joint_from && joint_ != 0) return joint_;
      if (words_ > lengths_.words_max) return gap_ != 0 ? gap_ : word_end_;
      previous_ = word;
    }
    return complete_ ? std::optional(text_.size()) : std::nullopt;
  }

 private:
  std::size_t skip_blanks(std::size_t at) const {
    while (at < text_.size() && is_blank(text_[at])) ++at;
    return at;
  }

  // The gap before `word`: may the phrase be parted there?
  void note_gap(std::size_t at, std::string_view word) {
    if (words_ < lengths_.joint_min || is_bound_abbreviation(previous_)) return;
    if (has_digit(previous_) && has_digit(word)) return;
    if (is_joint(word)) joint_ = at;
    if (!has_digit(previous_) && !has_digit(word)) gap_ = at;
  }

  // Whether the phrase ends behind the word.
  std::optional<std::size_t> cut_after(std::string_view word) {
    const std::string_view after = text_.substr(word_end_);
    const std::size_t next = skip_blanks(word_end_);
    const bool line_end = text_.substr(word_end_, next - word_end_).find('\n') != std::string_view::npos;
    if (line_end && words_ > 0) return word_end_;
    const WordEnd end = end_of_word(word, after, complete_);
    waiting_ = end == WordEnd::kUnknown;
    if (end == WordEnd::kSentence && words_ >= lengths_.sentence_min) return word_end_;
    if (end == WordEnd::kClause && words_ >= lengths_.clause_min) return word_end_;
    const bool open = lengths_.open_min != 0 && words_ >= lengths_.open_min && end == WordEnd::kPlain;
    if (open && !leans_on_next(word) && !has_digit(word) && !is_bound_abbreviation(word)) return word_end_;
    return std::nullopt;
  }

  std::size_t cut_at_limit() const {
    if (joint_ != 0) return joint_;
    if (gap_ != 0) return gap_;
    const std::size_t blank = text_.substr(0, PhraseSplitter::kBytesMax).find_last_of(" \n");
    if (blank != std::string_view::npos && blank > 0 && is_spoken(text_.substr(0, blank))) return blank;
    std::size_t cut = PhraseSplitter::kBytesMax;
    while (cut > 1 && (static_cast<unsigned char>(text_[cut]) & 0xC0) == 0x80) --cut;
    return cut;
  }

  std::string_view text_;
  const PhraseLengths& lengths_;
  bool complete_;
  bool waiting_ = false;
  std::size_t words_ = 0;
  std::size_t word_end_ = 0;
  std::size_t joint_ = 0;  // the last gap before a joining word; 0: none
  std::size_t gap_ = 0;    // the last safe gap; 0: none
  std::string_view previous_;
};

}  // namespace

void PhraseSplitter::feed(std::string_view piece) {
  speakable_.feed(piece);
  plain_.append(speakable_.take());
}

void PhraseSplitter::finish() {
  speakable_.finish();
  plain_.append(speakable_.take());
  complete_ = true;
}

std::optional<SpokenPhrase> PhraseSplitter::next(bool hurry) {
  const PhraseLengths& lengths = hurry ? kHurriedPhrase : first_ ? kFirstPhrase : kLaterPhrase;
  while (!plain_.empty()) {
    const auto cut = CutFinder(plain_.text(), lengths, complete_).find();
    if (!cut) return std::nullopt;
    const std::string& text = plain_.text();
    std::size_t begin = 0;
    std::size_t end = *cut;
    while (begin < end && is_blank(text[begin])) ++begin;
    while (end > begin && is_blank(text[end - 1])) --end;
    SpokenPhrase phrase;
    phrase.text.append(plain_, begin, end);
    plain_.erase_front(*cut);
    if (!is_spoken(phrase.text.text())) continue;
    first_ = false;
    return phrase;
  }
  return std::nullopt;
}

}  // namespace antiphon::models::text
