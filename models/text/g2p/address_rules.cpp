// Web and mail addresses, file names, version numbers: their signs are read out.
#include <algorithm>
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/normaliser.h"

namespace antiphon::models::text {
namespace {

using Reading = std::optional<std::string>;

constexpr const char* kTopDomains =
    R"((?:com|org|net|edu|gov|io|co|uk|de|fr|info|biz|us|ca|au|tv|me|ly|ai|app|dev|eu))";
// File endings by how they are said: as letters or as a word.
constexpr const char* kSpelledEndings =
    R"((?:pdf|cpp|hpp|py|js|ts|html|css|xml|csv|tsv|md|txt|png|svg|mp3|mp4|)"
    R"(docx?|xlsx?|pptx?|rs|sh|yml|so|h|c))";
constexpr const char* kSpokenEndings =
    R"((?:json|zip|exe|jpe?g|gif|wav|toml|yaml|log|conf|config|lock|tar|bin|dll))";

std::string_view sign_word(char sign) {
  switch (sign) {
    case '.':
      return "dot";
    case '@':
      return "at";
    case '/':
      return "slash";
    case '-':
      return "dash";
    case '_':
      return "underscore";
    case '+':
      return "plus";
    case ':':
      return "colon";
    case '~':
      return "tilde";
    case '%':
      return "percent";
    default:
      return "";
  }
}

// Letters stay together, digits and signs are set apart.
std::string spoken_address(std::string_view address) {
  std::string words;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (const std::string_view word = sign_word(c); !word.empty()) {
      words.append(" ").append(word).append(" ");
      continue;
    }
    const bool digit = is_digit(static_cast<unsigned char>(c));
    const bool digit_before = i > 0 && is_digit(static_cast<unsigned char>(address[i - 1]));
    if (i > 0 && digit != digit_before && sign_word(address[i - 1]).empty()) words += ' ';
    words += c;
  }
  return words;
}

// "https://www.example.com/docs/?a=1" -> "example dot com slash docs": what one would say of it.
std::string spoken_web_address(std::string_view address) {
  address = address.substr(0, address.find_first_of("?#"));
  while (address.ends_with('/')) address.remove_suffix(1);
  return spoken_address(address);
}

std::string spelled(std::string_view letters) {
  std::string out;
  for (const char c : letters) {
    if (!out.empty()) out += ' ';
    append_utf8(out, to_upper(static_cast<unsigned char>(c)));
  }
  return out;
}

// 3.11.4 -> "3 point 11 point 4". Four groups are a network address: "dot".
Reading version(const PatternMatch& m) {
  const std::string_view number = m.group(1);
  const bool address = std::count(number.begin(), number.end(), '.') == 3;
  std::string words;
  for (const char c : number) {
    if (c == '.') {
      words += address ? " dot " : " point ";
    } else if (address) {
      words += std::string(1, c) + " ";
    } else {
      words += c;
    }
  }
  return words;
}

}  // namespace

void append_address_rules(std::vector<RewriteRule>& rules) {
  const std::string tail = R"((?<![.,;:!?)\]}'"]))";  // a sentence's sign behind an address is not part of it
  rules.push_back({Pattern(R"((?<![\w.@])([\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+))"),
                   [](const PatternMatch& m) -> Reading { return spoken_address(m.group(1)); }, "@"});
  rules.push_back({Pattern(R"((?<![\w.])(?:https?|ftp)://(?:www\.)?(\S+))" + tail, Pattern::Case::kIgnored),
                   [](const PatternMatch& m) -> Reading { return spoken_web_address(m.group(1)); }, ":"});
  rules.push_back({Pattern(R"((?<![\w.@])www\.([\w\-]\S*))" + tail, Pattern::Case::kIgnored),
                   [](const PatternMatch& m) -> Reading { return spoken_web_address(m.group(1)); }, "."});
  rules.push_back({Pattern(std::string(R"((?<![\w.@\-/])((?:[A-Za-z0-9\-]+\.)+)") + kTopDomains +
                           R"((?:/[\w.~/?#=&%+\-]*(?<![.,;:!?]))?)(?![\w@]))"),
                   [](const PatternMatch& m) -> Reading { return spoken_web_address(m.whole()); }, "."});
  rules.push_back({Pattern(std::string(R"((?<![\w.@])((?:[\w\-./~]*[\w\-])?)\.()") + kSpelledEndings +
                           R"()(?![\w@]|\.\w))"),
                   [](const PatternMatch& m) -> Reading {
                     // "end.so" within prose has no name before it; one letter endings need a lower-case stem
                     if (m.group(1).empty() && m.whole().size() < 3) return std::nullopt;
                     return spoken_address(m.group(1)) + " dot " + spelled(m.group(2));
                   },
                   "."});
  rules.push_back({Pattern(std::string(R"((?<![\w.@])((?:[\w\-./~]*[\w\-])?)\.()") + kSpokenEndings +
                           R"()(?![\w@]|\.\w))"),
                   [](const PatternMatch& m) -> Reading {
                     const std::string_view ending = m.group(2);
                     const std::string word = ending == "jpg" || ending == "jpeg" ? "jay peg"
                                              : ending == "json"                  ? "jason"
                                                                                  : std::string(ending);
                     return spoken_address(m.group(1)) + " dot " + word;
                   },
                   "."});
  rules.push_back({Pattern(R"((?<![\w.,])[vV](?:\. ?)?(?=\d))"),
                   [](const PatternMatch&) -> Reading { return "version "; }, "vV"});
  rules.push_back(
      {Pattern(R"((?<![\w.,])(?!\d{3}\.\d{3}\.\d{4}\b)(\d{1,5}(?:\.\d{1,5}){2,5})(?![\w]|[.,]\d))"), version,
       "."});
  rules.push_back(
      {Pattern(R"((?<![\w@])@(?=[A-Za-z_]))"), [](const PatternMatch&) -> Reading { return "at "; }, "@"});
}

}  // namespace antiphon::models::text
