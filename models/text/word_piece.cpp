#include "models/text/word_piece.h"

#include <algorithm>
#include <cassert>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "models/text/bert_characters.h"

namespace antiphon::models::text {
namespace {

constexpr int kWordCharactersMax = 100;  // longer words are unknown

void append_utf8(std::string* to, char32_t c) {
  const auto put = [to](char32_t byte) { to->push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
    }
    put(0x80 | (c >> 6 & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

bool continues_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// The words of a text, normalised, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}

  // False at the end. A word that is too long comes out as its first kWordCharactersMax + 1 characters.
  bool next(std::string* word) {
    word->clear();
    characters_ = 0;
    if (single_ != 0) {
      append_utf8(word, std::exchange(single_, 0));
      return true;
    }
    while (!text_.empty()) {
      const char32_t c = take_code_point(&text_);
      const BertCharacter kind = bert_character(c);
      if (kind == BertCharacter::kDropped || kind == BertCharacter::kMark) continue;
      bool ended = false;
      for (const char32_t folded : bert_folding(c)) {
        if (folded != 0) ended |= add(word, folded);
      }
      if (ended && (!word->empty() || single_ != 0)) break;
    }
    if (word->empty() && single_ != 0) append_utf8(word, std::exchange(single_, 0));
    return !word->empty();
  }

  bool too_long() const { return characters_ > kWordCharactersMax; }

 private:
  // True if the word ends before this character.
  bool add(std::string* word, char32_t c) {
    const BertCharacter kind = bert_character(c);
    if (kind == BertCharacter::kSpace) return true;
    if (kind == BertCharacter::kPunctuation || kind == BertCharacter::kIdeograph) {
      single_ = c;
      return true;
    }
    if (++characters_ <= kWordCharactersMax + 1) append_utf8(word, c);
    return false;
  }

  std::string_view text_;
  char32_t single_ = 0;  // a character that is a word of its own, found behind the last word
  int characters_ = 0;
};

}  // namespace

WordPiece::WordPiece(const std::filesystem::path& vocabulary) {
  std::ifstream file(vocabulary);
  if (!file) throw std::runtime_error("cannot read the vocabulary '" + vocabulary.string() + "'");
  for (std::string line; std::getline(file, line); ++size_) {
    if (line.ends_with('\r')) line.pop_back();
    longest_ = std::max(longest_, line.size());
    const bool continuation = line.size() > 2 && line.starts_with("##");
    Tokens& tokens = continuation ? continuations_ : beginnings_;
    tokens.push_back({continuation ? line.substr(2) : line, size_});
  }
  for (Tokens* tokens : {&beginnings_, &continuations_}) {
    tokens->shrink_to_fit();
    std::ranges::stable_sort(*tokens, {}, &Token::text);
  }
  unknown_ = special("[UNK]", vocabulary);
  begin_ = special("[CLS]", vocabulary);
  end_ = special("[SEP]", vocabulary);
}

std::int32_t WordPiece::special(const std::string& name, const std::filesystem::path& vocabulary) const {
  const Token* token = find(beginnings_, name);
  if (token == nullptr)
    throw std::runtime_error("the vocabulary '" + vocabulary.string() + "' lacks " + name);
  return token->id;
}

const WordPiece::Token* WordPiece::find(const Tokens& tokens, std::string_view text) {
  const auto found = std::ranges::lower_bound(
      tokens, text, {}, [](const Token& token) { return std::string_view(token.text); });
  return found == tokens.end() || found->text != text ? nullptr : &*found;
}

std::vector<std::int32_t> WordPiece::encode(std::string_view text, int tokens_max) const {
  assert(tokens_max >= 2);
  const auto before_end = static_cast<std::size_t>(tokens_max) - 1;
  std::vector<std::int32_t> ids{begin_};
  Words words(text);
  for (std::string word; ids.size() < before_end && words.next(&word);) {
    if (words.too_long()) {
      ids.push_back(unknown_);
    } else {
      append_word(word, &ids);
    }
  }
  ids.resize(std::min(ids.size(), before_end));
  ids.push_back(end_);
  return ids;
}

// The longest known piece from the left, again and again; one unknown token if that fails anywhere.
void WordPiece::append_word(std::string_view word, std::vector<std::int32_t>* ids) const {
  const std::size_t ids_before = ids->size();
  std::size_t begin = 0;
  while (begin < word.size()) {
    const Tokens& tokens = begin == 0 ? beginnings_ : continuations_;
    std::size_t end = std::min(word.size(), begin + longest_);
    const Token* piece = nullptr;
    for (; end > begin; --end) {
      if (end < word.size() && continues_character(word[end])) continue;
      piece = find(tokens, word.substr(begin, end - begin));
      if (piece != nullptr) break;
    }
    if (piece == nullptr) {
      ids->resize(ids_before);
      ids->push_back(unknown_);
      return;
    }
    ids->push_back(piece->id);
    begin = end;
  }
}

}  // namespace antiphon::models::text
