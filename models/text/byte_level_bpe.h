#pragma once

#include <array>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/text/merge_table.h"
#include "models/text/pair_merger.h"
#include "models/text/pre_tokenizer.h"
#include "models/text/tokenizer.h"

namespace antiphon::models::text {

// Byte-level byte-pair encoding (Radford et al. 2019): SmolLM2, Qwen 2 and 2.5, Llama 3.
//
// Text is not normalised (Qwen's own tokenizer composes accents first, NFC; GGUF files don't say so, and
// other readers of them don't). A byte that the vocabulary has no token for (SmolLM2 lacks 21: a few control
// characters and bytes that never occur in UTF-8 text of planes 0 to 3) is left out.
//
// Time:   about 10 million characters a second; a "word" of n bytes takes n log n.
// Memory: the merges (see MergeTable) and the vocabulary.
// Errors: the constructor throws std::runtime_error that names the field.
class ByteLevelBpe final : public Tokenizer {
 public:
  struct File {
    std::span<const std::string_view> tokens;  // in GPT-2's printable alphabet: a space is U+0120
    std::span<const TokenKind> kinds;          // parallel to tokens
    std::span<const std::string_view> merges;  // "left right", the first goes first
    std::string_view pre_tokenizer;            // see PreTokenizer
  };
  // The views are needed only during the call.
  explicit ByteLevelBpe(const File& file);

  using Tokenizer::encode;
  void encode(std::string_view text, std::vector<Token>* tokens) const override;

 private:
  void encode_piece(std::string_view piece, PairMerger* merger, std::vector<Token>* tokens) const;

  PreTokenizer pre_tokenizer_;
  std::array<Token, 256> token_of_byte_{};  // -1: none
  MergeTable merges_;
  std::unordered_map<std::string_view, Token> whole_pieces_;  // tried before any merge; only for Llama 3
};

}  // namespace antiphon::models::text
