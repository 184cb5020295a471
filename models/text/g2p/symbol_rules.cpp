// Single signs that are read as a word: "=", "+5", "½".
#include <string>

#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

}  // namespace

void append_symbol_rules(std::vector<RewriteRule>& rules, const NormaliseTables& tables) {
  rules.push_back({Pattern(R"(\b([CF])#(?!\w))"),
                   [](const PatternMatch& m) -> Reading { return std::string(m.group(1)) + " sharp"; }, "#"});
  rules.push_back(fixed_rule(R"(\bCO(?=[2₂]\b))", "C O ", "C"));
  rules.push_back(fixed_rule(R"((?<=\w)\^2(?!\d))", " squared", "^"));
  rules.push_back(fixed_rule(R"((?<=\w)\^3(?!\d))", " cubed", "^"));
  rules.push_back(fixed_rule(R"((?<!\S)~ ?(?=\d))", "about ", "~"));
  rules.push_back(fixed_rule(R"((?<=\s)'n'(?=\s))", "and", "'"));
  rules.push_back(fixed_rule(R"((?<=\d) ?[*×] ?(?=\d))", " times ", "*"));
  rules.push_back(fixed_rule(R"((?<=\d) / (?=\d))", " divided by ", "/"));
  rules.push_back(fixed_rule(R"((?<=\d) ?\+ ?(?=\d))", " plus ", "+"));
  rules.push_back(fixed_rule(R"((?<![\w+])\+(?=\d))", "plus ", "+"));
  for (const auto& [sign, word] : tables.symbols) {
    const bool between = sign == "=" || sign == "<" || sign == ">" || sign == "~";
    const std::string pattern =
        between ? R"((?<=\S) ?)" + Pattern::quoted(sign) + R"( ?(?=\S))" : Pattern::quoted(sign);
    rules.push_back({Pattern(pattern),
                     [reading = word.empty() ? std::string(" ") : " " + word + " "](
                         const PatternMatch&) -> Reading { return reading; },
                     sign.substr(0, 1)});
  }
}

}  // namespace antiphon::models::text
