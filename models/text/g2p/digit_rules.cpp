// Numbers that are read digit by digit: telephone numbers, extensions, codes.
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/normaliser.h"
#include "models/text/g2p/number_words.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

// "+1 (555) 010-4477" -> "plus one, five five five, zero one zero, four four seven seven": a short pause
// after a group.
std::string spoken_groups(std::string_view number) {
  std::string words;
  std::string group;
  const auto flush = [&] {
    if (group.empty()) return;
    if (!words.empty()) words += words.ends_with("plus") ? " " : ", ";
    words += digit_words(group);
    group.clear();
  };
  for (const char c : number) {
    if (is_digit(static_cast<unsigned char>(c))) {
      group += c;
      continue;
    }
    flush();
    if (c == '+') words += "plus";
  }
  flush();
  return words;
}

Reading telephone(const PatternMatch& m) {
  return spoken_groups(m.whole());
}

std::size_t digits_in(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += is_digit(static_cast<unsigned char>(c)) ? 1 : 0;
  return count;
}

// Long numbers without grouping are identifiers, unless they are round.
Reading identifier(const PatternMatch& m) {
  const std::string_view digits = m.whole();
  if (digits.ends_with("000") && digits.front() != '0' && digits.size() <= 15) return std::nullopt;
  return digit_words(digits);
}

}  // namespace

void append_digit_rules(std::vector<RewriteRule>& rules) {
  const std::string behind = R"((?![\w\-]|\.\d))";
  // International: a plus sign and at least seven digits in groups.
  rules.push_back({Pattern(R"((?<![\w.+])\+\d{1,3}(?:[ .\-]?\(?\d{1,4}\)?){2,5})" + behind),
                   [](const PatternMatch& m) -> Reading {
                     const std::size_t digits = digits_in(m.whole());
                     return digits >= 7 && digits <= 15 ? telephone(m) : std::nullopt;
                   },
                   "+"});
  rules.push_back(
      {Pattern(R"((?<![\w.\-])(?:1[ .\-])?\(\d{3}\)\s?\d{3}[ .\-]\d{4})" + behind), telephone, "("});
  rules.push_back({Pattern(R"((?<![\w.\-])(?:1[.\-])?\d{3}([.\-])\d{3}\1\d{4})" + behind), telephone, "-."});
  rules.push_back({Pattern(R"((?<![\w.\-,$])\d{3} \d{3}[ \-]\d{4})" + behind), telephone, " "});
  rules.push_back({Pattern(R"((?<![\w.\-,$])0\d{2,4} \d{3,4} \d{3,4})" + behind), telephone, "0"});
  rules.push_back({Pattern(R"((?<![\w.\-])\d{3}-\d{4})" + behind), telephone, "-"});
  rules.push_back({Pattern(R"((?:\b(?:ext|extn)\b\.?|\bextension|)"
                           R"((?<=zero|one|two|three|four|five|six|seven|eight|nine)\s?\bx) ?(\d{2,6})\b)",
                           Pattern::Case::kIgnored),
                   [](const PatternMatch& m) -> Reading {
                     const bool after_number = !m.before().empty();
                     return std::string(after_number && m.whole().front() == ' ' ? " " : "") + "extension " +
                            digit_words(m.group(1));
                   },
                   "xX"});
  // Codes: "CA 90210", "zip code 02139", "PIN 4821", "area code 212".
  rules.push_back({Pattern(R"(\b(?:zip|ZIP|Zip|postal|area|access|country|PIN|pin|passcode|verification|)"
                           R"(security|pass)(?: code)?(?: is| number)?:? \K\d{3,8}\b(?![.,:/\-]\d))"),
                   [](const PatternMatch& m) -> Reading { return digit_words(m.whole()); }, "0123456789"});
  rules.push_back({Pattern(R"(\b(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|)"
                           R"(O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]),? \K\d{5}\b(?![.,:/]\d))"),
                   [](const PatternMatch& m) -> Reading { return digit_words(m.whole()); }, "0123456789"});
  // Groups of four, as on a card.
  rules.push_back({Pattern(R"((?<![\w.\-])\d{4}(?:[ \-]\d{4}){2,4}(?![\w\-]))"), telephone, "0123456789"});
  rules.push_back({Pattern(R"((?<![\w.,$£€¥#+\-])\d{7,}(?!\w|[.,:/\-]\d|%))"), identifier, "0123456789"});
  rules.push_back({Pattern(R"((?<![\w.,:/$£€¥+\-])0\d{1,15}(?!\w|[.,:/\-]\d|%))"), identifier, "0"});
}

}  // namespace antiphon::models::text
