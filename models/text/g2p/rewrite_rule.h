#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/text/g2p/pattern.h"
#include "models/text/mapped_text.h"

namespace antiphon::models::text {

// One step of normalisation: what the pattern finds is replaced by what `read` makes of it.
struct RewriteRule {
  Pattern pattern;
  // The replacement, or nothing to leave the match as it stands.
  std::function<std::optional<std::string>(const PatternMatch&)> read;
  // The rule is skipped for texts that have none of these bytes (nor any non-ASCII byte); empty: never
  // skipped.
  std::string needs_one_of = {};
};

// A rule that puts the same words for every match.
RewriteRule fixed_rule(const std::string& pattern, std::string words, std::string needs_one_of);

// The text after all matches of the rule, left to right and without overlap, were replaced.
void apply(const RewriteRule& rule, MappedText& text);

// An alternation of literal words, longest first so that "sq ft" wins over "sq".
std::string any_of(std::vector<std::string> words);

// A decimal number as written in English text, grouped or not: "1,299.50".
inline constexpr const char* kNumberPattern = R"(\d+(?:,\d{3})*(?:\.\d+)?)";
// The value of ASCII digits; nothing if there are none or more than 18.
std::optional<std::uint64_t> number_value(std::string_view digits);

// Whether a sentence may end before `after`: only closing quotes or brackets follow, or a word that usually
// opens a sentence ("The", "It", "Please"), capitalised.
bool sentence_may_end_before(std::string_view after);
// Whether such a word stands at the start of `text`, behind spaces and opening quotes.
bool sentence_may_open(std::string_view text);

}  // namespace antiphon::models::text
