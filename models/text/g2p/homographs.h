// Words that are spelled alike and said differently, where the part of speech alone does not tell or is often
// mistaken: "a lead pipe", "wear and tear", "the ship's bow", "I read every day". Decided by the words
// around.
#pragma once

#include <vector>

#include "models/text/g2p/token.h"

namespace antiphon::models::text {

// Sets the tag or the phonemes of such tokens. REQUIRES: all tokens have tags. Pure and linear.
void decide_homographs(std::vector<TextToken>& tokens);

}  // namespace antiphon::models::text
