// Money other than plain amounts of $, GBP and EUR: scales, other currencies, ranges, prices per something.
#include <string>

#include "models/text/g2p/counted_word.h"
#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

constexpr const char* kScale = R"((hundred|thousand|million|billion|trillion|(?i:k|mn?|bn?|tn)\b))";

// "$1.5M", "£3.2bn", "$5 million dollars"
Reading scaled(const NormaliseTables& tables, const PatternMatch& m) {
  return std::string(m.group(2)) + " " + scale_word(m.group(3)) + " " + tables.currency(m.group(1)).many;
}

// "¥500", "Rs. 3 million"
Reading foreign(const NormaliseTables& tables, const PatternMatch& m) {
  const std::string number(m.group(2));
  const NormaliseTables::Counted& words = tables.currency(m.group(1));
  if (m.has(3)) return number + " " + scale_word(m.group(3)) + " " + words.many;
  return number + " " + counted_word(number, words);
}

// "45 USD"
Reading named_behind(const NormaliseTables& tables, const PatternMatch& m) {
  return std::string(m.group(1)) + " " + counted_word(m.group(1), tables.currency(m.group(2)));
}

Reading range(const NormaliseTables& tables, const PatternMatch& m) {
  return std::string(m.group(2)) + " to " + std::string(m.group(3)) + " " + tables.currency(m.group(1)).many;
}

}  // namespace

void append_money_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  const std::string number = std::string("(") + kNumberPattern + ")";
  const auto add = [&](const std::string& pattern,
                       Reading (*read)(const NormaliseTables&, const PatternMatch&), const char* needs) {
    rules.push_back(
        {Pattern(pattern), [tables, read](const PatternMatch& m) { return read(tables, m); }, needs});
  };
  // "$20-$30", "$5-10": both ends are amounts.
  rules.push_back(fixed_rule(R"([$£€]\d[\d.,]*[kKmMbB]?\K\s?[-–]\s?(?=[$£€]\d))", " to ", "$"));
  add(R"(([$£€])(\d+)\s?[-–]\s?(\d+)(?![\d.,]*\s?(?:[kKmMbB]\b|hundred|thousand|million|billion))(?!\w))",
      range, "$");
  rules.push_back(
      fixed_rule(R"([$£€]\d[\d.,]*[kKmMbB]?\K/(?=(?:month|mo|year|yr|week|day|hour|hr|person|night|)"
                 R"(user|unit|mile|gallon|lb|kg)\b))",
                 " per ", "/"));
  add(R"(([$£€]))" + number + R"(\s?)" + kScale + "(?: dollars| pounds| euros)?", scaled, "$");
  rules.push_back({Pattern(R"((?<![\w.]))" + number + R"(\s?¢)"),
                   [cent = tables.currency("¢")](const PatternMatch& m) -> Reading {
                     return std::string(m.group(1)) + " " + counted_word(m.group(1), cent);
                   },
                   "\xC2"});
  std::vector<std::string> signs = signs_of(tables.currencies);
  std::erase_if(signs, [](const std::string& s) { return s == "$" || s == "£" || s == "€" || s == "¢"; });
  add(R"((?<!\w)()" + any_of(signs) + R"()\.?\s?)" + number + R"((?:\s?)" + kScale + ")?", foreign, "sDRP");
  add(R"((?<![\w.]))" + number + " (USD|EUR|GBP)(?!\\w)", named_behind, "DRP");
}

}  // namespace antiphon::models::text
