#pragma once

#include <string_view>
#include <vector>

#include "models/text/g2p/token.h"

namespace antiphon::models::text {

// Puts a period token behind an abbreviation whose own period also ended the sentence ("at 5 P.M."), so that
// the voice falls and pauses there. `after` is the text that follows `text`, empty at the end.
void close_abbreviations(std::string_view text, std::string_view after, std::vector<TextToken>& tokens);

}  // namespace antiphon::models::text
