#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::context_store {

struct Word {
  std::string lower;        // ASCII letters in lower case; others as they are
  bool capital = false;     // began with an ASCII capital
  bool begins = false;      // a sentence
  bool broken_off = false;  // punctuation lies between it and the word before
  std::size_t at = 0;       // where it is in the text, in bytes
  std::size_t bytes = 0;    // that it has there
};

// Words of English text: runs of letters and digits. An apostrophe parts a word: "I'm" is i, am; "don't" is
// do, not; "dog's" is dog, 's.
std::vector<Word> words_in(std::string_view text);

// True if its last sentence is a question, by its mark.
bool is_question(std::string_view text);

// Of nearly every sentence: nothing is found by it.
bool is_stop_word(std::string_view lower);

}  // namespace antiphon::context_store
