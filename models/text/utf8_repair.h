#pragma once

#include <string>
#include <string_view>

namespace antiphon::models::text {

// The input with every ill-formed part replaced by U+FFFD: one for each maximal part that is the beginning of
// a character, else one for each byte (The Unicode Standard, section 3.9, "Substitution of Maximal
// Subparts").
std::string repair_utf8(std::string_view bytes);

}  // namespace antiphon::models::text
