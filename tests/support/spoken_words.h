// Compares what was to be said with what a recogniser wrote, as fairly as a listener would.
#pragma once

#include <string_view>
#include <vector>

#include "tests/support/spoken_numbers.h"
#include "tests/support/word_errors.h"

namespace antiphon::test {

// A written text as stretches, each with its usual readings. Digits do not tell which way was spoken, so any
// of them is right: "7:05" is "seven oh five". The same holds for a few abbreviations ("Dr." is "doctor" or
// "drive"). Case and punctuation go, letters that stand alone are joined ("U. S. A." is "usa").
std::vector<Readings> readings_of(std::string_view written);

// `expected`: lower-case words as they are said; "a|b" where two spellings sound alike.
WordErrors spoken_word_errors(std::string_view expected, std::string_view written);

}  // namespace antiphon::test
