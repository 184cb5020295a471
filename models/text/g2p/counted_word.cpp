#include "models/text/g2p/counted_word.h"

#include "models/text/characters.h"

namespace antiphon::models::text {

const std::string& counted_word(std::string_view number, const NormaliseTables::Counted& words) {
  return number == "1" || number == "1.0" || number == "-1" ? words.one : words.many;
}

std::vector<std::string> signs_of(const std::vector<NormaliseTables::Counted>& table) {
  std::vector<std::string> signs;
  for (const NormaliseTables::Counted& entry : table) signs.push_back(entry.sign);
  return signs;
}

std::string scale_word(std::string_view scale) {
  const std::string lower = lower_case(scale);
  if (lower == "k") return "thousand";
  if (lower == "m" || lower == "mn") return "million";
  if (lower == "b" || lower == "bn") return "billion";
  if (lower == "tn") return "trillion";
  return std::string(scale);
}

}  // namespace antiphon::models::text
