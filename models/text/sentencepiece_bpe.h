#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/text/tokenizer.h"

namespace antiphon::models::text {

// SentencePiece's byte-pair encoding with byte fallback (Kudo and Richardson 2018): the tokenizer of GGUF
// files that say "llama": Llama 2, Mistral, TinyLlama. Neighbours merge if together they are a token, the one
// with the best score first; a character that is no token becomes its bytes' tokens ("<0x0A>"), or else the
// unknown token, or else nothing.
//
// decode() keeps the space that encode() puts in front.
//
// Time:   n log n for n bytes of text, about 3 million characters a second.
// Errors: the constructor throws std::runtime_error that names the field.
class SentencePieceBpe final : public Tokenizer {
 public:
  struct File {
    std::span<const std::string_view> tokens;  // U+2581 is a space
    std::span<const TokenKind> kinds;          // parallel to tokens
    std::span<const double> scores;            // parallel to tokens; the highest goes first
    bool space_in_front = true;                // "add_space_prefix"
  };
  // The views are needed only during the call.
  explicit SentencePieceBpe(const File& file);

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<Token>* tokens) const override;

 private:
  void encode_unknown(std::string_view bytes, std::vector<Token>* tokens) const;

  std::unordered_map<std::string_view, Token> token_of_text_;  // views of bytes(); normal tokens only
  std::vector<std::uint32_t> ranks_;                           // of each token; equal scores share one
  std::array<Token, 256> token_of_byte_{};                     // -1: none
  Token unknown_ = -1;
  bool space_in_front_;
};

}  // namespace antiphon::models::text
