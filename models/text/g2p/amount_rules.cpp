// Money other than plain amounts of $, GBP and EUR, units of measure, degrees.
#include <algorithm>
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;
using Counted = NormaliseTables::Counted;

const std::string& counted_word(std::string_view number, const Counted& words) {
  const bool one = number == "1" || number == "1.0" || number == "-1";
  return one ? words.one : words.many;
}

std::string scale_word(std::string_view scale) {
  const std::string lower = lower_case(scale);
  if (lower == "k") return "thousand";
  if (lower == "m") return "million";
  if (lower == "b") return "billion";
  return std::string(scale);
}

Reading scaled_money(const NormaliseTables& tables, const PatternMatch& m) {
  return std::string(m.group(2)) + " " + scale_word(m.group(3)) + " " + tables.currency(m.group(1)).many;
}

Reading foreign_money(const NormaliseTables& tables, const PatternMatch& m) {
  std::string_view sign = m.group(1);
  if (sign.ends_with('.')) sign.remove_suffix(1);
  const std::string number(m.group(2));
  const Counted& words = tables.currency(sign);
  if (m.has(3)) return number + " " + scale_word(m.group(3)) + " " + words.many;
  return number + " " + counted_word(number, words);
}

Reading degrees(const PatternMatch& m) {
  const std::string number(m.group(1));
  const std::string words =
      number + (number == "1" || number == "1.0" || number == "-1" ? " degree" : " degrees");
  if (!m.has(2)) return words;
  return words + (m.group(2) == "C" ? " Celsius" : " Fahrenheit");
}

std::vector<std::string> signs(const std::vector<Counted>& table) {
  std::vector<std::string> out;
  for (const Counted& entry : table) out.push_back(entry.sign);
  return out;
}

void append_money_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  const std::string number = std::string("(") + kNumberPattern + ")";
  const std::string scale = R"((hundred|thousand|million|billion|trillion|[kKmMbB]\b))";
  // "$5-10", "$20-$30": both ends are amounts.
  rules.push_back({Pattern(R"([$£€])" + number.substr(0) + R"(\K\s?[-–]\s?(?=[$£€]\d))"),
                   [](const PatternMatch&) -> Reading { return " to "; }, "$"});
  rules.push_back(
      {Pattern(
           R"(([$£€])(\d+)\s?[-–]\s?(\d+)(?![\d.,]*\s?(?:[kKmMbB]\b|hundred|thousand|million|billion))(?!\w))"),
       [tables](const PatternMatch& m) -> Reading {
         return std::string(m.group(2)) + " to " + std::string(m.group(3)) + " " +
                tables.currency(m.group(1)).many;
       },
       "$"});
  rules.push_back(
      {Pattern(
           R"([$£€]\d[\d.,]*\K/(?=(?:month|mo|year|yr|week|day|hour|hr|person|night|user|unit|mile|gallon|lb|kg)\b))"),
       [](const PatternMatch&) -> Reading { return " per "; }, "/"});
  rules.push_back({Pattern(R"(([$£€]))" + number + R"(\s?)" + scale),
                   [tables](const PatternMatch& m) { return scaled_money(tables, m); }, "$"});
  rules.push_back({Pattern(R"((?<![\w.]))" + number + R"(\s?¢)"),
                   [tables](const PatternMatch& m) -> Reading {
                     return std::string(m.group(1)) + " " + counted_word(m.group(1), tables.currency("¢"));
                   },
                   "\xC2"});
  std::vector<std::string> foreign = signs(tables.currencies);
  std::erase_if(foreign, [](const std::string& s) { return s == "$" || s == "£" || s == "€" || s == "¢"; });
  rules.push_back(
      {Pattern(R"((?<!\w)()" + any_of(foreign) + R"()\.?\s?)" + number + R"((?:\s?)" + scale + ")?"),
       [tables](const PatternMatch& m) { return foreign_money(tables, m); }, "sDRP"});
}

}  // namespace

void append_amount_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  append_money_rules(rules, tables);
  const std::string signed_number = std::string(R"((?<![\w.])(-?)") + kNumberPattern + ")";
  rules.push_back({Pattern(signed_number + R"(\s?°\s?([CF])?(?!\w))"), degrees, "\xC2"});
  // 6'2" -> "6 foot 2"; 5'11
  rules.push_back({Pattern(R"((?<![\w.])([3-8])'\s?(\d{1,2})(?:"|''|”)?(?![\w]))"),
                   [](const PatternMatch& m) -> Reading {
                     return std::string(m.group(1)) + " foot " + std::string(m.group(2));
                   },
                   "'"});
  // A speed or a rate: "60 km/h" has an entry of its own; "5 mg/day", "100 MB/s".
  const std::string unit = any_of(signs(tables.units));
  rules.push_back({Pattern(signed_number + R"(\s?()" + unit +
                           R"()(?:/(s|sec|day|hr|h|min|kg|L|l|month|week|year)\b)?(?!\w)(?!/\w))"),
                   [units = tables.units](const PatternMatch& m) -> Reading {
                     const auto found = std::ranges::find(units, m.group(2), &Counted::sign);
                     std::string words = std::string(m.group(1)) + " " + counted_word(m.group(1), *found);
                     if (!m.has(3)) return words;
                     const std::string_view per = m.group(3);
                     const std::string_view word = per == "s" || per == "sec"  ? "second"
                                                   : per == "h" || per == "hr" ? "hour"
                                                   : per == "min"              ? "minute"
                                                   : per == "kg"               ? "kilogram"
                                                   : per == "L" || per == "l"  ? "liter"
                                                                               : per;
                     return words + " per " + std::string(word);
                   }});
}

}  // namespace antiphon::models::text
