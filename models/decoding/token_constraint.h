#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/decoding/byte_trie.h"
#include "models/decoding/token_mask.h"
#include "models/decoding/tool_call_grammar.h"

namespace antiphon::models {

// A model's vocabulary as bytes, prepared for masks.
//
// Owner:  any thread; immutable after construction.
// Memory: about 8 MB for 152k tokens.
class ConstraintVocabulary {
 public:
  // bytes_of[token] is what the token adds to the text; empty for tokens that are not text (they are never
  // allowed). Throws std::runtime_error unless every byte that a call of a grammar can hold is itself a token
  // (all of JSON's but for characters that are assigned to nothing): otherwise a mask could be empty.
  explicit ConstraintVocabulary(std::vector<std::string> bytes_of);

  int size() const { return static_cast<int>(bytes_of_.size()); }
  const std::string& bytes(Token token) const { return bytes_of_[static_cast<std::size_t>(token)]; }

  // Sets `mask` to the tokens all of whose bytes `state` accepts.
  // Time: at most some ms (152k tokens), in strings far less; `scratch` is reused from call to call.
  void allowed_after(const ToolCallAcceptor& state, TokenMask* mask,
                     std::vector<ToolCallAcceptor>* scratch) const;

 private:
  std::vector<std::string> bytes_of_;
  ByteTrie all_;
  ByteTrie with_quote_;      // the tokens that can end a string
  TokenMask without_quote_;  // the tokens that can stand inside a string and don't end it
};

// Restricts one conversation's tokens to one tool call. Give `allowed()` to the sampler, then tell
// `accept()`.
//
// Owner: one conversation; not thread-safe. The vocabulary and the grammar must outlive it.
class TokenConstraint {
 public:
  TokenConstraint(const ConstraintVocabulary& vocabulary, const ToolCallGrammar& grammar);

  // The tokens that may come next: never empty before done(). Valid until the next accept().
  const TokenMask& allowed();
  // REQUIRES: allowed().has(token).
  void accept(Token token);
  // The same for bytes that came with the token that began the call. False if no call goes on so; then this
  // object is useless.
  [[nodiscard]] bool accept_text(std::string_view text);
  // Whether the call is complete, "</tool_call>" included; from then on nothing is allowed.
  bool done() const { return state_.done(); }

 private:
  const ConstraintVocabulary& vocabulary_;
  ToolCallAcceptor state_;
  TokenMask mask_;
  bool mask_is_current_ = false;
  std::vector<ToolCallAcceptor> scratch_;
};

}  // namespace antiphon::models
