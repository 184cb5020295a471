#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/text/words.h"

namespace antiphon::context_store {

// A word stem that is searched for, by hash, and how often it occurs.
struct Term {
  std::uint64_t stem = 0;
  std::uint32_t count = 0;

  friend bool operator==(const Term&, const Term&) = default;
};

struct TermList {
  std::vector<Term> terms;   // each stem once, by hash
  std::uint32_t length = 0;  // words, without stop words
};

// Snowball's English stems of all words but the stop words. Any thread.
TermList terms_of(const std::vector<Word>& words);
TermList terms_of(std::string_view text);

// What is searched of a turn: its text, its hint and its date in words ("8 May 2023").
TermList terms_of_turn(std::string_view text, std::string_view hint, Timestamp at);

// What is searched of a fact: relation, object, and the words that people ask for it with.
TermList terms_of_fact(const Fact& fact);

}  // namespace antiphon::context_store
