#include "models/text/g2p/rewrite_rule.h"

#include <algorithm>
#include <charconv>

#include "models/text/characters.h"

namespace antiphon::models::text {
namespace {

// Words that are seldom a name when they are capitalised; sorted.
constexpr std::string_view kSentenceOpeners[] = {
    "A",      "After",  "All",   "Also",   "An",    "And",  "Are",    "As",      "At",     "Because",
    "Before", "But",    "By",    "Can",    "Could", "Did",  "Do",     "Does",    "For",    "From",
    "Has",    "Have",   "He",    "Her",    "Here",  "His",  "How",    "However", "I",      "I'll",
    "I'm",    "I've",   "If",    "In",     "Is",    "It",   "It's",   "Let",     "Let's",  "Many",
    "Maybe",  "Most",   "My",    "No",     "Not",   "Now",  "On",     "Once",    "One",    "Or",
    "Our",    "Please", "She",   "Should", "Since", "So",   "Some",   "That",    "That's", "The",
    "Their",  "Then",   "There", "These",  "They",  "This", "Those",  "To",      "Was",    "We",
    "We'll",  "We're",  "Well",  "Were",   "What",  "When", "Where",  "Which",   "While",  "Who",
    "Why",    "Will",   "With",  "Would",  "Yes",   "You",  "You'll", "You're",  "Your"};

}  // namespace

RewriteRule fixed_rule(const std::string& pattern, std::string words, std::string needs_one_of) {
  return {Pattern(pattern),
          [words = std::move(words)](const PatternMatch&) -> std::optional<std::string> { return words; },
          std::move(needs_one_of)};
}

void apply(const RewriteRule& rule, MappedText& text) {
  if (!rule.needs_one_of.empty() && std::none_of(text.text().begin(), text.text().end(), [&](char c) {
        return static_cast<signed char>(c) < 0 || rule.needs_one_of.find(c) != std::string::npos;
      })) {
    return;
  }
  MappedText out;
  std::size_t copied = 0;
  PatternMatch match;
  for (std::size_t from = 0; from <= text.size() && rule.pattern.find(text.text(), from, match);) {
    if (match.end() == match.begin()) {  // an empty match replaces nothing; step over one code point
      if (from = match.end(); from >= text.size()) break;
      (void)next_code_point(text.text(), from);
      continue;
    }
    from = match.end();
    const std::optional<std::string> reading = rule.read(match);
    if (!reading) continue;
    out.append(text, copied, match.begin());
    out.append(*reading, text.origin(match.begin(), match.end()));
    copied = match.end();
  }
  if (copied == 0) return;
  out.append(text, copied, text.size());
  text = std::move(out);
}

std::string any_of(std::vector<std::string> words) {
  std::ranges::stable_sort(words,
                           [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  std::string pattern;
  for (const std::string& word : words) {
    if (!pattern.empty()) pattern += '|';
    pattern += Pattern::quoted(word);
  }
  return pattern;
}

std::optional<std::uint64_t> number_value(std::string_view digits) {
  std::uint64_t value = 0;
  if (!all_digits(digits) || digits.size() > 18) return std::nullopt;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

bool sentence_may_end_before(std::string_view after) {
  while (!after.empty() && std::string_view("\"')]").find(after.front()) != std::string_view::npos) {
    after.remove_prefix(1);
  }
  if (after.starts_with("”")) after.remove_prefix(std::string_view("”").size());
  if (after.empty()) return true;
  if (after.front() != ' ') return false;
  return after.find_first_not_of(" \"'(") == std::string_view::npos || sentence_may_open(after);
}

bool sentence_may_open(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \n\"'(");
  if (start == std::string_view::npos) return false;
  text.remove_prefix(start);
  const std::string_view word = text.substr(0, text.find_first_of(" \n,.;:!?"));
  return std::ranges::find(kSentenceOpeners, word) != std::end(kSentenceOpeners);
}

}  // namespace antiphon::models::text
