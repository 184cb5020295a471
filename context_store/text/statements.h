// What a turn says outright, found by patterns: no model on the write path.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context_store/text/words.h"

namespace antiphon::context_store {

// The speaker / relation / object.
struct Statement {
  std::string relation;  // "name", "home", "dog", "likes"
  std::string object;    // as said
  bool only_one = true;  // a later object replaces this one; false: they add up

  friend bool operator==(const Statement&, const Statement&) = default;
};

std::vector<Statement> statements_in(const std::vector<Word>& words);

// Names of people, places and things: runs of capitalised words that do not merely begin a sentence.
std::vector<std::string> names_in(const std::vector<Word>& words);

}  // namespace antiphon::context_store
