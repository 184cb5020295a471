#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/text/g2p/pattern.h"
#include "models/text/g2p/stress.h"
#include "models/text/g2p/token.h"

namespace antiphon::models::text {

// The smallest unit that is looked up: a run of letters, of digits, or a sign.
struct Piece {
  std::string text;
  std::string_view tag;
  std::size_t begin = 0;  // bytes in the normalised text
  std::size_t end = 0;
  bool space_after = false;
  bool space_before = false;  // a pause between this piece's sounds and those of the piece before
  bool starts_word = true;    // false: written together with the piece before
  std::string currency = {};  // the sign of an amount whose last number this is
  std::optional<Phonemes> phonemes = {};
};

// Pieces that are written together and may be one word of the lexicon together ("forty" "-" "five"), or a
// single piece.
using PieceGroup = std::vector<Piece>;

// Cuts tokens into pieces and groups them again by how they are written.
//
// Owner:    any thread; immutable.
// Overload: a group has at most kPiecesMax pieces, however long the text is without a space.
class WordPieces {
 public:
  static constexpr std::size_t kPiecesMax = 12;

  WordPieces();
  std::vector<PieceGroup> groups_of(const std::vector<TextToken>& tokens) const;

 private:
  std::vector<Piece> pieces_of(const TextToken& token) const;

  Pattern piece_;
};

// Several pieces as one, to look it up.
Piece joined(const Piece* first, const Piece* last);

}  // namespace antiphon::models::text
