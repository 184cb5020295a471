#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::models::text {

// BERT's uncased WordPiece tokeniser: lower case without accents, words and single punctuation marks, each
// word cut greedily into the longest known pieces.
//
// Names of special tokens in a text ("[SEP]") are plain text here: a caller's words never become structure.
//
// Owner:  any thread; immutable after construction.
// Memory: about 1 MB for 30,522 tokens. encode() stops at `tokens_max`, whatever the length of the text.
class WordPiece {
 public:
  // One token a line, its number being the line. Throws std::runtime_error that names the file if it cannot
  // be read or lacks [UNK], [CLS] or [SEP].
  explicit WordPiece(const std::filesystem::path& vocabulary);

  // [CLS], the text's tokens, [SEP]: at most tokens_max (>= 2) in all. Any bytes are fine; what is no UTF-8
  // is left out.
  std::vector<std::int32_t> encode(std::string_view text, int tokens_max) const;

  int size() const { return size_; }

 private:
  struct Token {
    std::string text;
    std::int32_t id;
  };
  using Tokens = std::vector<Token>;  // sorted by text

  std::int32_t special(const std::string& name, const std::filesystem::path& vocabulary) const;
  static const Token* find(const Tokens& tokens, std::string_view text);
  void append_word(std::string_view word, std::vector<std::int32_t>* ids) const;

  int size_ = 0;
  Tokens beginnings_;
  Tokens continuations_;     // without their "##"
  std::size_t longest_ = 0;  // bytes of the longest token
  std::int32_t unknown_ = 0;
  std::int32_t begin_ = 0;  // [CLS]
  std::int32_t end_ = 0;    // [SEP]
};

}  // namespace antiphon::models::text
