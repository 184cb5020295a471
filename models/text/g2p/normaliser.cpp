#include "models/text/g2p/normaliser.h"

#include "models/text/characters.h"
#include "models/text/g2p/compose.h"

namespace antiphon::models::text {
namespace {

// Signs that stand for a plainer one; empty: dropped.
std::string_view plain_sign(char32_t c) {
  switch (c) {
    case U'\u2019':
    case U'\u02BC':
      return "'";
    case U'\u2010':
    case U'\u2011':
    case U'\u2012':
    case U'\u2212':  // minus sign
      return "-";
    case U'\u2015':
      return "—";
    default:
      return {};
  }
}

bool is_invisible(char32_t c) {
  return c == kBrokenByte || c < U' ' || c == 0x7F || c == 0xAD || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

// One space for any white space, plain signs for their look-alikes, composed letters, no broken bytes.
MappedText cleaned(const MappedText& text) {
  MappedText out;
  const std::string& bytes = text.text();
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(bytes, at);
    if (is_space(c)) {
      if (out.empty() || out.text().back() != ' ') out.append(" ", text.origin(begin, at));
    } else if (is_invisible(c)) {
      continue;
    } else if (const std::string_view plain = plain_sign(c); !plain.empty()) {
      out.append(plain, text.origin(begin, at));
    } else if (!compose_onto(out, c, text.origin(begin, at))) {
      out.append(text, begin, at);
    }
  }
  return out;
}

// "word , word" -> "word, word", and single spaces again after the rules have put theirs.
MappedText tidied(const MappedText& text) {
  MappedText out;
  const std::string& bytes = text.text();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == ' ') {
      const std::size_t next = bytes.find_first_not_of(' ', i);
      const bool before_sign =
          next != std::string::npos && std::string_view(",.;:!?").find(bytes[next]) != std::string_view::npos;
      if (before_sign || (!out.empty() && out.text().back() == ' ')) continue;
    }
    out.append(text, i, i + 1);
  }
  return out;
}

}  // namespace

Normaliser::Normaliser(const NormaliseTables& tables) {
  append_address_rules(rules_);
  append_respelling_rules(rules_);
  append_digit_rules(rules_);
  append_clock_rules(rules_, tables);
  append_money_rules(rules_, tables);
  append_unit_rules(rules_, tables);
  append_month_rules(rules_, tables);
  append_name_rules(rules_, tables);
  append_roman_rules(rules_, tables);
  append_ratio_rules(rules_, tables);
  append_symbol_rules(rules_, tables);
}

void Normaliser::normalise(MappedText& text) const {
  text = cleaned(text);
  for (const RewriteRule& rule : rules_) apply(rule, text);
  text = tidied(text);
}

}  // namespace antiphon::models::text
