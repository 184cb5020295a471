#pragma once

#include <string>
#include <unordered_map>

#include "models/stand_ins/spoken_code.h"
#include "models/text/tokenizer.h"

namespace antiphon::models::stand_ins {

// A token for each word of the spoken code, with a space before it or none, for the roles of a conversation,
// and for each byte; and the marks of ChatML.
class WordTokenizer final : public text::Tokenizer {
 public:
  WordTokenizer();

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<Token>* tokens) const override;

  // Of the spoken code, with a space before it or none.
  static bool is_word(Token token) { return token >= kBytes && token < kBytes + kWordPieces; }
  // REQUIRES: is_word(word).
  static Token with_space(Token word) { return word | 1; }

  Token message_start() const { return *special("<|im_start|>"); }
  Token message_end() const { return *special("<|im_end|>"); }

 private:
  static constexpr Token kBytes = 256;
  static constexpr Token kWordPieces = 2 * Word::kDigits * Word::kDigits;
  static_assert(kBytes % 2 == 0);  // a word without a space is even, with one it is the next

  std::unordered_map<std::string, Token> pieces_;  // longer than a byte
};

}  // namespace antiphon::models::stand_ins
