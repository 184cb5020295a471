// Roman numerals behind words that call for them: "Chapter IV", "Henry VIII".
#include <string>

#include "models/text/g2p/normaliser.h"
#include "models/text/g2p/number_words.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

constexpr const char* kRoman =
    R"(((?=[IVXLC])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))\b(?![.']\w))";

std::uint64_t digit_value(char letter) {
  switch (letter) {
    case 'I':
      return 1;
    case 'V':
      return 5;
    case 'X':
      return 10;
    case 'L':
      return 50;
    case 'C':
      return 100;
    case 'D':
      return 500;
    default:
      return 1000;  // M: the pattern lets nothing else through
  }
}

std::uint64_t roman_value(std::string_view numeral) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < numeral.size(); ++i) {
    const std::uint64_t value = digit_value(numeral[i]);
    const bool subtract = i + 1 < numeral.size() && digit_value(numeral[i + 1]) > value;
    total = subtract ? total - value : total + value;  // wraps below zero and back: IX is -1 + 10
  }
  return total;
}

// A lone letter is more often the pronoun or a grade than a number: "the book I read", "Class C".
bool is_letter_rather(const PatternMatch& m) {
  const std::string_view numeral = m.group(2);
  if (numeral == "C" || numeral == "L") return m.group(1) != "Super Bowl";
  if (numeral != "I") return false;
  for (const std::string_view title : {"Queen ", "King ", "Pope ", "Emperor ", "Tsar "}) {
    if (m.before().ends_with(title)) return false;
  }
  const std::string_view after = m.after();
  if (after.empty() || std::string_view(",.;:!?)").find(after.front()) != std::string_view::npos)
    return false;
  if (after.starts_with(" of ") || after.starts_with("'s")) return false;
  const bool of_kind = m.group(1) == "Type" || m.group(1) == "type" || m.group(1) == "World War";
  return !of_kind && !(after.size() > 1 && after[0] == ' ' && after[1] >= 'A' && after[1] <= 'Z');
}

}  // namespace

void append_roman_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  rules.push_back({Pattern(R"(\b()" + any_of(tables.before_cardinal) + ") " + kRoman),
                   [](const PatternMatch& m) -> Reading {
                     if (is_letter_rather(m)) return std::nullopt;
                     return std::string(m.group(1)) + " " + std::to_string(roman_value(m.group(2)));
                   },
                   "IVXLC"});
  rules.push_back({Pattern(R"(\b()" + any_of(tables.before_ordinal) + ") " + kRoman),
                   [](const PatternMatch& m) -> Reading {
                     if (is_letter_rather(m)) return std::nullopt;
                     return std::string(m.group(1)) + " the " + ordinal_words(roman_value(m.group(2)));
                   },
                   "IVXLC"});
}

}  // namespace antiphon::models::text
