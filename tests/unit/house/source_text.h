#pragma once

#include <string>

namespace antiphon::house {

// C++ source with comments and the insides of texts and characters replaced by spaces; line ends stay. Rules
// about code can then search the rest.
std::string code_only(const std::string& source);

}  // namespace antiphon::house
