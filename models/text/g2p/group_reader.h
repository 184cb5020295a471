#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "models/text/g2p/number_reader.h"
#include "models/text/g2p/pattern.h"
#include "models/text/g2p/spelling_network.h"
#include "models/text/g2p/word_pieces.h"
#include "models/text/g2p/word_reader.h"

namespace antiphon::models::text {

// Finds the phonemes of groups of pieces, from the last to the first, since some words depend on what
// follows: the largest parts that the lexicon or the number reader knows first, then the spelling network.
//
// Owner: any thread; immutable. The readers and the network must outlive it.
class GroupReader {
 public:
  GroupReader(const WordReader& words, const NumberReader& numbers, const SpellingNetwork& spelling);

  // The phonemes of each group.
  std::vector<Phonemes> read(std::vector<PieceGroup>& groups) const;

 private:
  std::optional<Phonemes> known(const Piece& piece, SoundAhead ahead) const;
  Phonemes guessed(std::string_view text) const;
  Phonemes read_single(const Piece& piece, SoundAhead& ahead) const;
  bool read_parts(PieceGroup& group, SoundAhead& ahead) const;
  Phonemes read_group(PieceGroup& group, SoundAhead& ahead) const;

  const WordReader* words_;
  const NumberReader* numbers_;
  const SpellingNetwork* spelling_;
  Pattern part_;
};

}  // namespace antiphon::models::text
