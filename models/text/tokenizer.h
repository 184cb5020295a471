#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/token.h"

namespace antiphon::models::text {

// What a token is for; numbered as in GGUF's tokenizer.ggml.token_type.
enum class TokenKind : std::uint8_t {
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,      // a mark of the model's own, such as the end of a message; never text
  kUserDefined = 4,  // a mark that is also text, such as "<tool_call>"
  kUnused = 5,
  kByte = 6,  // one byte, written "<0x0A>"
};

// The tokens of a vocabulary as bytes, and the special ones by name.
//
// Memory: the text of all tokens once, and four bytes more for each.
class Vocabulary {
 public:
  // bytes[token]: what the token adds to a text. names[token]: how the file writes it. The three are
  // parallel.
  Vocabulary(std::span<const std::string> bytes, std::span<const std::string_view> names,
             std::span<const TokenKind> kinds);

  int size() const { return static_cast<int>(kinds_.size()); }
  TokenKind kind(Token token) const { return kinds_[static_cast<std::size_t>(token)]; }
  std::string_view bytes(Token token) const;
  std::optional<Token> special(std::string_view name) const;

  // The longest special name that `text` begins with; -1 and 0 if there is none.
  std::pair<Token, std::size_t> leading_special(std::string_view text) const;

 private:
  struct Special {
    std::string name;
    Token token;
  };

  std::vector<TokenKind> kinds_;
  std::string all_bytes_;
  std::vector<std::uint32_t> ends_;  // token t is all_bytes_[ends_[t - 1], ends_[t])
  std::vector<Special> specials_;    // control and user-defined; by first byte, then longest first
};

// Text to tokens and back, for one language model.
//
// Owner:  any thread; immutable after construction.
// Errors: none once constructed: any bytes can be encoded and any token of the vocabulary decoded.
class Tokenizer {
 public:
  explicit Tokenizer(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;
  virtual ~Tokenizer() = default;

  // Appends the tokens of `text` as plain characters: no special token ever comes out, so a user's words
  // can't pretend to be the end of a message.
  virtual void encode(std::string_view text, std::vector<Token>* tokens) const = 0;
  std::vector<Token> encode(std::string_view text) const;

  // The same, but the names of special tokens in `text` become those tokens. Only for text that no outsider
  // has written a part of.
  std::vector<Token> encode_with_specials(std::string_view text) const;

  // The token of a special name such as "<|im_end|>".
  std::optional<Token> special(std::string_view name) const { return vocabulary_.special(name); }

  // The following REQUIRE 0 <= token < size().
  int size() const { return vocabulary_.size(); }
  TokenKind kind(Token token) const { return vocabulary_.kind(token); }
  // What the token adds to the text: perhaps a part of a character; nothing for control and unused tokens.
  // Valid as long as the tokenizer.
  std::string_view bytes(Token token) const { return vocabulary_.bytes(token); }
  std::string decode(std::span<const Token> tokens) const;
  // bytes() of each token, copied.
  std::vector<std::string> all_bytes() const;

 private:
  Vocabulary vocabulary_;
};

}  // namespace antiphon::models::text
