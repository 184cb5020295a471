#pragma once

#include <vector>

#include "models/text/g2p/token.h"

namespace antiphon::models::text {

// Decides words that are spelled alike and said differently where the part of speech does not tell or the
// tagger errs: "a lead pipe", "wound up the clock", "shed a tear".
class Homographs {
 public:
  // Sets the tag or the phonemes of such tokens. REQUIRES: all tokens have tags.
  void decide(std::vector<Token>& tokens) const;
};

}  // namespace antiphon::models::text
