#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace antiphon::models::text {

// The words that the normaliser puts for abbreviations, units and signs (normalize.json of the voice).
//
// Errors: parse throws std::runtime_error that names the field.
struct NormaliseTables {
  using Entry = std::pair<std::string, std::string>;
  struct Counted {  // "km": "kilometer", "kilometers"
    std::string sign, one, many;
  };

  std::vector<Entry> months;         // "jan" -> "January", twelve in order
  std::vector<Entry> titles;         // expanded before a capital only: "St" -> "Saint"
  std::vector<Entry> abbreviations;  // "approx." -> "approximately"
  std::vector<Entry> symbols;        // "=" -> "equals", in the order in which they are applied
  std::vector<Counted> units;
  std::vector<Counted> currencies;
  std::vector<std::string> before_cardinal;  // "Chapter IV"
  std::vector<std::string> before_ordinal;   // "Henry VIII"

  static NormaliseTables parse(std::string_view json);

  const Counted& currency(std::string_view sign) const;  // REQUIRES: the table has it
};

// The value of a key; nullptr if it is not there.
const std::string* value_of(const std::vector<NormaliseTables::Entry>& entries, std::string_view key);

}  // namespace antiphon::models::text
