#include "models/text/g2p/sentence_pauses.h"

#include <algorithm>

#include "models/text/g2p/rewrite_rule.h"

namespace antiphon::models::text {
namespace {

// Capitalised words that may follow a time within a sentence; sorted.
constexpr std::string_view kAfterTime[] = {
    "OK",      "Ok",       "BST",       "CDT",     "CEST",     "CET",     "CST",      "CT",     "Central",
    "ET",      "EDT",      "EST",       "Eastern", "Friday",   "GMT",     "MDT",      "MST",    "MT",
    "Monday",  "Mountain", "PDT",       "PST",     "PT",       "Pacific", "Saturday", "Sunday", "Thursday",
    "Tuesday", "UTC",      "Wednesday", "January", "February", "March",   "April",    "May",    "June",
    "July",    "August",   "September", "October", "November", "December"};

bool is_time(std::string_view token) {
  return token == "P.M." || token == "A.M." || token == "p.m." || token == "a.m.";
}

bool ends_sentence(const TextToken& token, std::string_view after) {
  if (!is_time(token.text)) return sentence_may_end_before(after);
  if (sentence_may_end_before(after)) return true;
  if (after.size() < 2 || after[0] != ' ' || after[1] < 'A' || after[1] > 'Z') return false;
  const std::string_view word = after.substr(1, after.find_first_of(" ,.;:!?)", 1) - 1);
  return std::ranges::find(kAfterTime, word) == std::end(kAfterTime);
}

}  // namespace

void close_abbreviations(std::string_view text, std::string_view after, std::vector<TextToken>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const TextToken& token = tokens[i];
    if (token.text.size() < 2 || token.text.back() != '.' ||
        token.text.find_first_not_of('.') == std::string::npos)
      continue;
    const std::string_view rest = text.substr(token.end);
    const bool last = rest.find_first_not_of(' ') == std::string_view::npos;
    if (last && !after.empty() && !sentence_may_open(after)) continue;
    if (!last && !ends_sentence(token, rest)) continue;
    TextToken period{".", token.end - 1, token.end};
    period.space_after = token.space_after;
    tokens[i].space_after = false;
    tokens.insert(tokens.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(period));
  }
}

}  // namespace antiphon::models::text
