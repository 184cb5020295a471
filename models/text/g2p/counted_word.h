#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/text/g2p/normalise_tables.h"

namespace antiphon::models::text {

// The singular behind "1", "1.0" or "-1", else the plural.
const std::string& counted_word(std::string_view number, const NormaliseTables::Counted& words);
// The signs of a table.
std::vector<std::string> signs_of(const std::vector<NormaliseTables::Counted>& table);
// "k" -> "thousand", "M" -> "million", "b" -> "billion"; words stay.
std::string scale_word(std::string_view scale);

}  // namespace antiphon::models::text
