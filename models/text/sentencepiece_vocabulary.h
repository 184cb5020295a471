#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::models::text {

// The pieces of a SentencePiece-type vocabulary, for turning token ids into text (not the other way round).
//
// A piece is a string of bytes: U+2581 in it is a space, a piece may be a single raw byte of a character that
// is spread over several tokens, and a piece in angle brackets ("<s>", "<<ST_7>>") is a special that is never
// text.
//
// Owner:  any thread; immutable after construction.
// Errors: read() throws std::runtime_error that names the file; ids outside the vocabulary are no text.
class SentencePieceVocabulary {
 public:
  // A word and the tokens that spell it: [token_first, token_end) of the ids given, the punctuation that is
  // attached to the word and specials between its tokens included.
  struct Word {
    std::string text;  // UTF-8, no spaces, never empty
    int token_first = 0;
    int token_end = 0;
  };

  // A JSON array with one string for each id; every code point (at most U+00FF) stands for one byte.
  static SentencePieceVocabulary read(const std::filesystem::path& path);
  // `pieces`: the bytes of each id; empty for an unused id.
  explicit SentencePieceVocabulary(std::vector<std::string> pieces);

  int size() const { return static_cast<int>(pieces_.size()); }
  // The bytes that a token adds, spaces resolved; empty for a special, an unused or an unknown id.
  std::string_view bytes(int id) const;

  // The text of a whole sequence: spaces trimmed at both ends, every byte that is not part of valid UTF-8
  // replaced by U+FFFD (one for each maximal ill-formed part).
  std::string text(std::span<const int> ids) const;
  // The same text cut at its spaces.
  std::vector<Word> words(std::span<const int> ids) const;

 private:
  std::vector<std::string> pieces_;  // spaces resolved, specials emptied
};

}  // namespace antiphon::models::text
