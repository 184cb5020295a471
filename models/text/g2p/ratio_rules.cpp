// Two numbers with a sign between them: fractions, ranges, sizes, and words joined by a slash.
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/normaliser.h"
#include "models/text/g2p/number_words.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

constexpr std::string_view kParts[] = {"",      "",        "half",   "third", "quarter", "fifth",
                                       "sixth", "seventh", "eighth", "ninth", "tenth"};

std::string fraction_words(const std::string& over, std::uint64_t over_value, std::uint64_t under) {
  if (under == 2) return over_value == 1 ? "one half" : over + " halves";
  return over + " " + std::string(kParts[under]) + (over_value == 1 ? "" : "s");
}

// 3/4 "3 quarters"; 10/12 a date; anything else "a over b".
Reading fraction(const NormaliseTables& tables, const PatternMatch& m) {
  const std::string a(m.group(1)), b(m.group(2));
  const std::uint64_t over = *number_value(a);
  const std::uint64_t under = *number_value(b);
  if (a == b) return a + " " + b;  // 50/50
  if ((over == 24 && under == 7) || (over == 9 && under == 11)) return a + " " + b;
  if (over > 0 && over < under && under <= 10) return fraction_words(a, over, under);
  if (over >= 1 && over <= 12 && under >= 1 && under <= 31) {
    return tables.months[over - 1].second + " " + ordinal_words(under);
  }
  return a + " over " + b;
}

Reading mixed_fraction(const PatternMatch& m) {
  const std::uint64_t over = *number_value(m.group(2));
  const std::uint64_t under = *number_value(m.group(3));
  if (over == 0 || over >= under || under > 10) return std::nullopt;
  const std::string whole(m.group(1));
  if (under == 2) return whole + " and a half";
  return whole + " and " + fraction_words(std::string(m.group(2)), over, under);
}

void append_word_slash_rules(std::vector<RewriteRule>& rules) {
  // "and/or"; between two short words of choice a slash is read as "or".
  rules.push_back({Pattern(R"(\b(and|And)/or\b)"),
                   [](const PatternMatch& m) -> Reading { return std::string(m.group(1)) + " or"; }, "/"});
  rules.push_back({Pattern(R"(\b(he|she|him|his|her|hers|yes|true|on|pass|either|male|mom|win)\K/)"
                           R"((?=(she|he|her|hers|his|him|no|false|off|fail|or|female|dad|lose)\b))",
                           Pattern::Case::kIgnored),
                   [](const PatternMatch&) -> Reading { return " or "; }, "/"});
}

}  // namespace

void append_ratio_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  append_word_slash_rules(rules);
  rules.push_back(
      {Pattern(R"((?<![\w./])(\d{1,3}) (\d{1,2})/(\d{1,2})(?![\w/]|\.\d))"), mixed_fraction, "/"});
  rules.push_back({Pattern(R"((?<=\d) ?(½|¼|¾))"),
                   [](const PatternMatch& m) -> Reading {
                     return m.group(1) == "½"   ? " and a half"
                            : m.group(1) == "¼" ? " and a quarter"
                                                : " and three quarters";
                   },
                   "\xC2"});
  rules.push_back({Pattern(R"((?<![\w./])(\d{1,2})/(\d{1,2})(?![\w/]|\.\d))"),
                   [tables](const PatternMatch& m) { return fraction(tables, m); }, "/"});
  rules.push_back(fixed_rule(R"(\d\K [-–] (?=\d+(?:\.\d+)? ?=))", " minus ", "-"));
  // What is no time by now is a ratio: "3:1".
  rules.push_back({Pattern(R"((?<![\w.:])(\d{1,3}):(\d{1,3})(?![\w:]|\.\d))"),
                   [](const PatternMatch& m) -> Reading {
                     return std::string(m.group(1)) + " to " + std::string(m.group(2));
                   },
                   ":"});
  // Ranges and scores; "10-20%" keeps its sign for the second number.
  rules.push_back(
      {Pattern(R"((?<![\w.\-])(\d{1,4}(?:\.\d{1,2})?)\s?[-–]\s?(\d{1,4}(?:\.\d{1,2})?)(?![\w\-–]|\.\d))"),
       [](const PatternMatch& m) -> Reading {
         return std::string(m.group(1)) + " to " + std::string(m.group(2));
       },
       "-"});
  // "1920x1080" is a size, "3x" is a factor.
  rules.push_back({Pattern(R"((?<![\w.])(\d{1,5}(?:\.\d+)?)\s?[x×]\s?(?=\d))"),
                   [](const PatternMatch& m) -> Reading { return std::string(m.group(1)) + " by "; }, "x"});
  rules.push_back({Pattern(R"((?<![\w.])(\d{1,5}(?:\.\d+)?)[x×](?!\w))"),
                   [](const PatternMatch& m) -> Reading {
                     return std::string(m.group(1)) + (m.group(1) == "1" ? " time" : " times");
                   },
                   "x"});
}

}  // namespace antiphon::models::text
