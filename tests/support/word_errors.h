// Word error rate of transcripts, with a light English normaliser for both sides: case, punctuation, numbers,
// contractions, titles, a few spelling variants.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace antiphon::test {

// The words that are compared; UTF-8 in, lower-case letters a to z out.
std::vector<std::string> normalised_words(std::string_view text);

struct WordErrors {
  int errors = 0;  // substitutions, deletions and insertions of the cheapest alignment
  int words = 0;   // of the reference

  WordErrors& operator+=(const WordErrors& other) {
    errors += other.errors;
    words += other.words;
    return *this;
  }
  double percent() const { return words == 0 ? 0 : 100.0 * errors / words; }
};

WordErrors word_errors(std::string_view reference, std::string_view heard);

}  // namespace antiphon::test
