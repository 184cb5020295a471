#pragma once

#include <span>
#include <vector>

#include "models/token.h"

namespace antiphon::pipeline {

// What a slot of the language model has read, and how to make it hold another prompt with the least reading.
//
// A session never says what to add or to take back; it says what the prompt should be. Whatever is shared
// with the present one, from the front, stays: a conversation that grows is only appended to, a speculation
// that failed is cut off, and words that were not heard are replaced from where they differ.
//
// Owner: one session; pure.
class SlotTokens {
 public:
  struct Change {
    int start_length = 0;               // the slot is first cut to this many tokens
    std::vector<models::Token> append;  // never empty: at least the last token is read again, for its logits
  };

  // REQUIRES: wanted is not empty.
  Change change_to(std::span<const models::Token> wanted) const;

  // The change was asked for: from now on the slot is expected to hold it.
  void begin(const Change& change);
  // The model chose a further token; it enters the slot with the next pass.
  void add_produced(models::Token token) { tokens_.push_back(token); }
  // The request ended, however it did: the slot holds so many of the expected tokens.
  void end(int slot_length);
  // The slot was filled by copying: the tokens of a prefix that sessions share.
  void assume(std::span<const models::Token> tokens) { tokens_.assign(tokens.begin(), tokens.end()); }

  std::span<const models::Token> tokens() const { return tokens_; }

 private:
  std::vector<models::Token> tokens_;
};

}  // namespace antiphon::pipeline
