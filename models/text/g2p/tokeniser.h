#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/text/g2p/token.h"

namespace antiphon::models::text {

// Splits English text the way the tagger's training data was split: at white space, then signs off both ends
// of each chunk, then at inner hyphens and slashes; a table of special cases ("don't", "Mr.", "10am") comes
// first.
//
// Owner:  any thread; immutable after construction.
// Source: the rules and the table are spaCy's for English (MIT), written out for Latin letters.
class Tokeniser {
 public:
  // `exceptions_json`: {"don't": ["do", "n't"], ...}. Throws std::runtime_error if it is anything else.
  explicit Tokeniser(std::string_view exceptions_json);

  // The tokens of a text, without tags. REQUIRES: valid UTF-8. Any chunk is linear in its length but for the
  // peeling of signs, which looks at a chunk once per sign.
  std::vector<TextToken> tokenise(std::string_view text) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  // Lengths in bytes of the parts of a special case; their sum is the key's length.
  using SpecialCases = std::unordered_map<std::string, std::vector<std::uint32_t>, Hash, std::equal_to<>>;

  const std::vector<std::uint32_t>* special_case(std::string_view chunk) const;
  void split(std::string_view chunk, std::vector<std::size_t>& lengths) const;
  void split_middle(std::string_view middle, std::vector<std::size_t>& lengths) const;
  std::vector<std::size_t> rejoined(std::string_view chunk, const std::vector<std::size_t>& lengths) const;

  SpecialCases special_cases_;
  std::size_t longest_case_ = 0;  // bytes
};

}  // namespace antiphon::models::text
