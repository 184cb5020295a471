// Numbers with a unit of measure, degrees, heights, and large counts ("2.5M").
#include <algorithm>
#include <string>

#include "models/text/g2p/counted_word.h"
#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;
using Counted = NormaliseTables::Counted;

// Signs that are too short to be units anywhere but behind a number.
const std::vector<Counted>& short_units() {
  static const std::vector<Counted> kShort = {{"m", "meter", "meters"},
                                              {"m²", "square meter", "square meters"},
                                              {"m³", "cubic meter", "cubic meters"},
                                              {"km²", "square kilometer", "square kilometers"},
                                              {"g", "gram", "grams"},
                                              {"L", "liter", "liters"},
                                              {"tbsp", "tablespoon", "tablespoons"},
                                              {"tsp", "teaspoon", "teaspoons"},
                                              {"yr", "year", "years"},
                                              {"yrs", "years", "years"},
                                              {"pts", "points", "points"},
                                              {"hp", "horsepower", "horsepower"},
                                              {"kcal", "kilocalorie", "kilocalories"}};
  return kShort;
}

std::string per_word(std::string_view sign) {
  if (sign == "s" || sign == "sec") return "second";
  if (sign == "h" || sign == "hr") return "hour";
  if (sign == "min") return "minute";
  if (sign == "kg") return "kilogram";
  if (sign == "L" || sign == "l") return "liter";
  return std::string(sign);
}

Reading degrees(const PatternMatch& m) {
  std::string words = std::string(m.group(1)) + " " + counted_word(m.group(1), {"", "degree", "degrees"});
  if (!m.has(2)) return words;
  return words + (m.group(2) == "C" ? " Celsius" : " Fahrenheit");
}

}  // namespace

void append_unit_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  const std::string number = std::string(R"((?<![\w.])(-?)") + kNumberPattern + ")";
  rules.push_back({Pattern(number + R"(\s?°\s?([CF])?(?!\w))"), degrees, "\xC2"});
  // 6'2" -> "6 foot 2"
  rules.push_back({Pattern(R"((?<![\w.])([3-8])'\s?(\d{1,2})(?:"|''|”)?(?!\w))"),
                   [](const PatternMatch& m) -> Reading {
                     return std::string(m.group(1)) + " foot " + std::string(m.group(2));
                   },
                   "'"});
  // "10 km", "5 mg/day", "5 min. away"
  std::vector<Counted> units = tables.units;
  units.insert(units.end(), short_units().begin(), short_units().end());
  rules.push_back(
      {Pattern(number + R"((?<![$£€¥]\d)(?<![$£€¥]\d\d)\s?()" + any_of(signs_of(units)) +
               R"()(?:/(s|sec|day|hr|h|min|kg|L|l|month|week|year)\b)?(?:\.(?= [a-z]))?(?!\w)(?!/\w))"),
       [units](const PatternMatch& m) -> Reading {
         const auto unit = std::ranges::find(units, m.group(2), &Counted::sign);
         const std::string words = std::string(m.group(1)) + " " + counted_word(m.group(1), *unit);
         return m.has(3) ? words + " per " + per_word(m.group(3)) : words;
       },
       "0123456789"});
  rules.push_back(fixed_rule(
      R"(\b[a-z]{3,}s\K/(?=(?:hour|day|week|month|year|minute|second|person|mile|gallon)\b))", " per ", "/"));
  rules.push_back(fixed_rule(R"((?<![\w.])\d+\.\d+\Ks(?!\w))", " seconds", "s"));
  // "12.5k views", "2.5M users"; "a 5k" is a run and "4K" a screen.
  rules.push_back(fixed_rule(R"((?<![\w.]|\ba )\d{1,3}(?:\.\d+)?\Kk(?!\w))", " thousand", "k"));
  rules.push_back(fixed_rule(R"((?<![\w.])\d{1,3}\.\d+\KK(?!\w))", " thousand", "K"));
  rules.push_back(fixed_rule(R"((?<![\w.])\d{1,3}\.\d+\KM(?!\w))", " million", "M"));
  rules.push_back(fixed_rule(R"((?<![\w.])\d{1,3}\.\d+\KB(?!\w))", " billion", "B"));
}

}  // namespace antiphon::models::text
