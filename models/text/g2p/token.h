#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace antiphon::models::text {

// A word, a number or a sign of a normalised text.
struct TextToken {
  std::string text;
  std::size_t begin = 0;  // bytes in the normalised text
  std::size_t end = 0;
  bool space_after = false;
  std::string_view tag = {};  // Penn Treebank part of speech; points into the Tagger or to a literal
  // Set where the pronunciation is already known: an inline override or a homograph that a rule decided.
  std::optional<std::string> phonemes = {};
};

}  // namespace antiphon::models::text
