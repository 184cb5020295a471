// Dates with the month's name: "Mar. 3rd, 2024", "the 3rd of March".
#include <algorithm>
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/normaliser.h"
#include "models/text/g2p/number_words.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

std::string month_name(const NormaliseTables& tables, std::string_view written) {
  const std::string* name = value_of(tables.months, lower_case(written.substr(0, 3)));
  return name == nullptr ? std::string(written) : *name;
}

std::optional<std::uint64_t> day_of(std::string_view digits) {
  const std::optional<std::uint64_t> day = number_value(digits);
  return day && *day >= 1 && *day <= 31 ? day : std::nullopt;
}

Reading month_day(const NormaliseTables& tables, const PatternMatch& m) {
  const auto day = day_of(m.group(2));
  if (!day) return std::nullopt;
  return month_name(tables, m.group(1)) + " " + ordinal_words(*day) + std::string(m.group(3));
}

Reading month_days(const NormaliseTables& tables, const PatternMatch& m) {
  const auto first = day_of(m.group(2));
  const auto last = day_of(m.group(3));
  if (!first || !last) return std::nullopt;
  return month_name(tables, m.group(1)) + " " + ordinal_words(*first) + " to " + ordinal_words(*last);
}

Reading day_month(const NormaliseTables& tables, const PatternMatch& m) {
  const auto day = day_of(m.group(2));
  if (!day) return std::nullopt;
  return "the " + ordinal_words(*day) + " of " + month_name(tables, m.group(3));
}

}  // namespace

void append_month_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  std::vector<std::string> names;
  for (const auto& [key, name] : tables.months) names.push_back(name);
  for (const auto& [key, name] : tables.months) names.push_back(capitalised(key));
  names.push_back("Sept");
  const std::string month = std::string("(").append(any_of(names)).append(")");
  rules.push_back(
      {Pattern(R"(\b)" + month +
               R"(\.? (\d{1,2})(?:st|nd|rd|th)?\s?[-–]\s?(\d{1,2})(?:st|nd|rd|th)?\b(?![\d:%/]))"),
       [tables](const PatternMatch& m) { return month_days(tables, m); }, "-"});
  rules.push_back({Pattern(R"(\b)" + month + R"(\.? (\d{1,2})(?:st|nd|rd|th)?\b(?![\d:%])(,? \d{4}\b)?)"),
                   [tables](const PatternMatch& m) { return month_day(tables, m); }, "JFMASOND"});
  rules.push_back({Pattern(R"(\b(the )?(\d{1,2})(?:st|nd|rd|th)? (?:of )?)" + month + R"(\b\.?)"),
                   [tables](const PatternMatch& m) { return day_month(tables, m); }, "JFMASOND"});
}

}  // namespace antiphon::models::text
