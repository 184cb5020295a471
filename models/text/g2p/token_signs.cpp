#include "models/text/g2p/token_signs.h"

#include <algorithm>

#include "models/text/characters.h"

namespace antiphon::models::text {
namespace {

constexpr std::u32string_view kQuotes = U"'\"”“`‘´’‚,„»«「」『』（）〔〕【】《》〈〉";
constexpr std::u32string_view kPunctuation = U"…,:;!?¿¡()[]{}<>_#*&。？！，、；：～·";
constexpr std::u32string_view kIcons = U"™®©°§¶†‡•";
constexpr std::u32string_view kMoney = U"$£€¥฿₽₹₩₪₺₴₦₫₱₲₵₸₼₾₿";
constexpr std::string_view kLetteredMoney[] = {"US$", "C$", "A$"};
constexpr std::string_view kUnits[] = {"km",  "km²", "km³", "m",   "m²",   "m³", "dm", "dm²", "dm³", "cm",
                                       "cm²", "cm³", "mm",  "mm²", "mm³",  "ha", "µm", "nm",  "yd",  "in",
                                       "ft",  "kg",  "g",   "mg",  "µg",   "t",  "lb", "oz",  "m/s", "km/h",
                                       "kmh", "mph", "hPa", "Pa",  "mbar", "mb", "MB", "kb",  "KB",  "gb",
                                       "GB",  "tb",  "TB",  "T",   "G",    "M",  "K",  "%"};

bool is_in(char32_t c, std::u32string_view set) {
  return set.find(c) != std::u32string_view::npos;
}

bool is_latin_lower(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7);
}

bool is_latin_upper(char32_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7);
}

bool is_sign(char32_t c) {
  return is_in(c, kPunctuation) || is_in(c, kQuotes) || is_in(c, kIcons);
}

// The code point before `at`, or 0 at the start; likewise behind.
char32_t before(std::string_view text, std::size_t at) {
  return at == 0 ? 0 : previous_code_point(text, at);
}

char32_t at_or_end(std::string_view text, std::size_t at) {
  return at >= text.size() ? 0 : next_code_point(text, at);
}

std::size_t dots_at_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of('.');
  return text.size() - (last == std::string_view::npos ? 0 : last + 1);
}

// A period that ends a sentence rather than an abbreviation.
bool is_final_period(std::string_view chunk) {
  std::size_t at = chunk.size() - 1;
  if (at == 0) return false;
  const char32_t last = previous_code_point(chunk, at);
  const char32_t second_last = before(chunk, at);
  if (is_latin_upper(last) && is_latin_upper(second_last)) return true;
  if (second_last == U'°' && is_in(last, U"FfCcKk")) return true;
  return is_digit(last) || is_latin_lower(last) || is_in(last, U"%²-+") || is_in(last, kPunctuation) ||
         is_in(last, kQuotes);
}

// The longest unit or currency behind a digit at the end.
std::size_t amount_suffix(std::string_view chunk) {
  std::size_t longest = 0;
  const auto consider = [&](std::string_view unit) {
    if (unit.size() < chunk.size() && chunk.ends_with(unit) &&
        is_digit(static_cast<unsigned char>(chunk[chunk.size() - unit.size() - 1]))) {
      longest = std::max(longest, unit.size());
    }
  };
  for (const std::string_view unit : kUnits) consider(unit);
  for (const std::string_view money : kLetteredMoney) consider(money);
  std::size_t start = chunk.size();
  if (is_in(previous_code_point(chunk, start), kMoney)) consider(chunk.substr(start));
  consider("+");
  return longest;
}

std::size_t dash_run(std::string_view chunk, std::size_t at) {
  for (const std::string_view dash : {"-", "–", "—", "--", "---", "——", "~"}) {
    if (chunk.substr(at).starts_with(dash) && is_letter(at_or_end(chunk, at + dash.size())))
      return dash.size();
  }
  return 0;
}

}  // namespace

std::size_t prefix_length(std::string_view chunk) {
  std::size_t next = 0;
  const char32_t first = next_code_point(chunk, next);
  if (is_in(first, U"§%=—–") || is_sign(first) || is_in(first, kMoney)) return next;
  if (first == U'+') return is_digit(at_or_end(chunk, next)) ? 0 : next;
  if (first == U'.') {
    const std::size_t dots = std::min(chunk.find_first_not_of('.'), chunk.size());
    return dots > 1 ? dots : 0;
  }
  for (const std::string_view money : kLetteredMoney) {
    if (chunk.starts_with(money)) return money.size();
  }
  return 0;
}

std::size_t suffix_length(std::string_view chunk) {
  if (chunk.empty()) return 0;
  std::size_t longest = amount_suffix(chunk);
  std::size_t start = chunk.size();
  const char32_t last = previous_code_point(chunk, start);
  const std::size_t last_length = chunk.size() - start;
  if (last == U'…' && before(chunk, start) == U'…') return std::max(longest, 2 * last_length);
  if (is_sign(last) || last == U'—' || last == U'–') longest = std::max(longest, last_length);
  if (last == U's' || last == U'S') {
    for (const std::string_view apostrophe : {"'", "’"}) {
      if (chunk.substr(0, start).ends_with(apostrophe)) longest = std::max(longest, apostrophe.size() + 1);
    }
  }
  if (last == U'.') {
    const std::size_t dots = dots_at_end(chunk);
    if (dots > 1) return std::max(longest, dots);
    if (is_final_period(chunk)) longest = std::max<std::size_t>(longest, 1);
  }
  return longest;
}

std::size_t infix_length(std::string_view chunk, std::size_t at) {
  std::size_t next = at;
  const char32_t c = next_code_point(chunk, next);
  if (is_letter(c) || is_digit(c)) return 0;
  const std::size_t length = next - at;
  const char32_t left = before(chunk, at);
  const char32_t right = at_or_end(chunk, next);
  if (c == U'.' && right == U'.') return std::min(chunk.find_first_not_of('.', at), chunk.size()) - at;
  if (c == U'…' || is_in(c, kIcons)) return length;
  if (is_in(c, U"+-*^") && is_digit(left) && (is_digit(right) || right == U'-')) return length;
  if (c == U'.' && (is_latin_lower(left) || is_in(left, kQuotes)) &&
      (is_latin_upper(right) || is_in(right, kQuotes)) && left != 0 && right != 0) {
    return length;
  }
  if (c == U',' && is_letter(left) && is_letter(right)) return length;
  if (!is_letter(left) && !is_digit(left)) return 0;
  if (is_in(c, U":<>=/") && is_letter(right)) return length;
  return is_in(c, U"-–—~") ? dash_run(chunk, at) : 0;
}

}  // namespace antiphon::models::text
