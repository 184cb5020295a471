// What BERT's uncased tokeniser makes of a character (clean-up, accents, case; Devlin et al., "BERT", 2019,
// as in https://github.com/google-research/bert, tokenization.py).
#pragma once

#include <array>
#include <string_view>

namespace antiphon::models::text {

enum class BertCharacter : unsigned char { kLetter, kSpace, kPunctuation, kIdeograph, kMark, kDropped };

BertCharacter bert_character(char32_t code_point);

// Lower case without accents: one to three code points, the rest 0.
std::array<char32_t, 3> bert_folding(char32_t code_point);

// The first code point of `text`, which it shortens; U+FFFD for a byte that is no UTF-8. REQUIRES:
// !text.empty().
char32_t take_code_point(std::string_view* text);

}  // namespace antiphon::models::text
