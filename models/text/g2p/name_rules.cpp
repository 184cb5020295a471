// Titles, streets and other abbreviations that end with a period.
#include <string>

#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

std::vector<std::string> keys(const std::vector<NormaliseTables::Entry>& table) {
  std::vector<std::string> out;
  for (const auto& [key, value] : table) out.push_back(key);
  return out;
}

std::string_view street_word(std::string_view sign) {
  if (sign == "St") return "Street";
  if (sign == "Dr") return "Drive";
  if (sign == "Ct") return "Court";
  if (sign == "Pl") return "Place";
  if (sign == "Sq") return "Square";
  return "Road";
}

// A sentence's period stays when the abbreviation's own period was the last sign before its end.
Reading street(const PatternMatch& m) {
  const bool ends = m.whole().back() == '.' && sentence_may_end_before(m.after());
  return std::string(street_word(m.group(1))) + (ends ? "." : "");
}

// "I said no." and "a fig." are words; "no. 5" and "fig. 3" are not.
bool is_word_rather(const PatternMatch& m) {
  const std::string_view sign = m.group(1);
  const std::string_view before = m.before();
  const std::string_view after = m.after();
  if (sign == "ed." || sign == "eds.") {
    return !before.ends_with("st ") && !before.ends_with("nd ") && !before.ends_with("rd ") &&
           !before.ends_with("th ");
  }
  if (sign == "Sun." || sign == "Sat." || sign == "Mar.")
    return before.ends_with("the ") || before.ends_with("The ");
  for (const std::string_view numbered :
       {"no.", "nos.", "fig.", "Fig.", "ch.", "Ch.", "vol.", "Vol.", "est.", "pp."}) {
    if (sign == numbered) return after.size() < 2 || after[0] != ' ' || after[1] < '0' || after[1] > '9';
  }
  return false;
}

}  // namespace

void append_name_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  // "221 Baker St", "10 N. Maple Dr.": behind a house number and a name, no saint and no doctor.
  rules.push_back({Pattern(R"(\b\d{1,5}[A-Za-z]? (?:[NSEW]\.? )?(?:(?:[A-Z][a-z']+|)"
                           R"(\d+(?:st|nd|rd|th)) ){1,3}\K(St|Dr|Ct|Pl|Sq|Rd)\b\.?)"),
                   street, "0123456789"});
  // "on Elm St. The shop": a sentence ends there.
  rules.push_back({Pattern(R"([A-Z][a-z]+ \K(St|Dr|Ct|Rd)\.(?=["')]* [A-Z]))"),
                   [](const PatternMatch& m) -> Reading {
                     if (!sentence_may_end_before(m.after())) return std::nullopt;
                     return std::string(street_word(m.group(1))) + ".";
                   },
                   "."});
  rules.push_back({Pattern(R"(\b()" + any_of(keys(tables.titles)) + R"()\.? (?=[A-Z]))"),
                   [titles = tables.titles](const PatternMatch& m) -> Reading {
                     return *value_of(titles, m.group(1)) + " ";
                   },
                   "MDPSFGRCLHAB"});
  rules.push_back({Pattern(R"((?<![\w.])()" + any_of(keys(tables.abbreviations)) + R"()(?!\w))"),
                   [abbreviations = tables.abbreviations](const PatternMatch& m) -> Reading {
                     if (is_word_rather(m)) return std::nullopt;
                     const bool ends = m.whole().back() == '.' && sentence_may_end_before(m.after());
                     return *value_of(abbreviations, m.group(1)) + (ends ? "." : "");
                   }});
  rules.push_back({Pattern(R"(\be\.g\.,?(?=\s))", Pattern::Case::kIgnored),
                   [](const PatternMatch&) -> Reading { return "for example,"; }, "eE"});
  rules.push_back({Pattern(R"(\bi\.e\.,?(?=\s))", Pattern::Case::kIgnored),
                   [](const PatternMatch&) -> Reading { return "that is,"; }, "iI"});
  rules.push_back({Pattern(R"(\betc\b\.?)"),
                   [](const PatternMatch& m) -> Reading {
                     const bool ends = m.whole().back() == '.' && sentence_may_end_before(m.after());
                     return ends ? "etc." : "etc";
                   },
                   "e"});
  rules.push_back(
      {Pattern(R"(\b(No|Nos)\. ?(?=\d))"),
       [](const PatternMatch& m) -> Reading { return m.group(1) == "No" ? "Number " : "Numbers "; }, "N"});
  rules.push_back(
      {Pattern(R"((?<![\w&])#(?=\d))"), [](const PatternMatch&) -> Reading { return "number "; }, "#"});
}

}  // namespace antiphon::models::text
