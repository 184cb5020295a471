// What the pronunciation hands to the synthesiser: one phrase as phonemes, and where its words are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace antiphon::models::text {

// One spoken word, as the listener would count it ("2:45" may be one word with many phonemes).
struct PhonemeWord {
  std::string text;              // UTF-8, as written in the spoken text
  std::size_t text_begin = 0;    // byte offsets into the spoken text
  std::size_t text_end = 0;      // > text_begin
  std::size_t symbol_begin = 0;  // indices into PhonemePhrase::symbols
  std::size_t symbol_end = 0;    // >= symbol_begin; equal if the word has no sound
};

// How a phrase ends; the synthesiser keeps a pause to match.
enum class PhraseEnd : std::uint8_t {
  kOpen,      // no punctuation: the sentence goes on in the next phrase
  kClause,    // , ; : or a dash
  kSentence,  // . ? ! or an ellipsis
};

struct PhonemePhrase {
  // Phonemes, stress marks, spaces and punctuation, one code point each (the voice's alphabet).
  std::u32string symbols;
  // In order of the text; symbol ranges do not overlap and do not go back.
  std::vector<PhonemeWord> words;
  PhraseEnd end = PhraseEnd::kSentence;
};

}  // namespace antiphon::models::text
