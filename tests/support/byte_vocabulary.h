// A small byte-level vocabulary: one token for each byte, token 0 to 255, then what a test adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/text/tokenizer.h"

namespace antiphon::test {

class ByteVocabulary {
 public:
  ByteVocabulary();

  // Each returns the new token. A merge's parts must be tokens already.
  models::Token add_merge(std::string_view left, std::string_view right);
  models::Token add_special(std::string_view name, models::text::TokenKind kind);

  // Valid as long as this object is not changed.
  std::vector<std::string_view> tokens() const { return {tokens_.begin(), tokens_.end()}; }
  const std::vector<models::text::TokenKind>& kinds() const { return kinds_; }
  std::vector<std::string_view> merges() const { return {merges_.begin(), merges_.end()}; }

  // Bytes as GPT-2's alphabet writes them.
  static std::string printable(std::string_view bytes);

 private:
  std::vector<std::string> tokens_;
  std::vector<models::text::TokenKind> kinds_;
  std::vector<std::string> merges_;
};

}  // namespace antiphon::test
