#include "models/text/markdown_inline.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "models/text/characters.h"
#include "models/text/g2p/inline_override.h"

namespace antiphon::models::text {
namespace {

constexpr std::size_t kReach = 512;        // bytes; a construct that is longer is read as it stands
constexpr std::size_t kAddressShort = 40;  // a longer address is cut to its host
constexpr int kDepthMax = 3;

bool is_word_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || is_digit(byte) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

ByteRange range(const InlineInput& in, std::size_t begin, std::size_t end) {
  return {in.offset + static_cast<std::uint32_t>(begin), in.offset + static_cast<std::uint32_t>(end)};
}

std::size_t literal(const InlineInput& in, std::size_t bytes, SpeakableOutput& out) {
  out.add(in.rest.substr(0, bytes), range(in, 0, bytes));
  return bytes;
}

// Whether a construct that has not ended within `rest` may still do so.
bool may_go_on(const InlineInput& in) {
  return !in.complete && in.rest.size() < kReach && in.rest.find('\n') == std::string_view::npos;
}

// Offset of `what` behind `from` on this line and within reach; npos if it is not there.
std::size_t find_ahead(std::string_view rest, std::string_view what, std::size_t from) {
  const std::string_view line = rest.substr(0, std::min({rest.find('\n'), rest.size(), kReach}));
  return line.find(what, from);
}

void inner_text(const InlineInput& in, std::size_t begin, std::size_t end, SpeakableOutput& out) {
  InlineInput part{in.rest.substr(begin, end - begin), in.offset + static_cast<std::uint32_t>(begin), true,
                   ' ', in.depth + 1};
  while (!part.rest.empty()) {
    const std::size_t used = take_inline(part, out);
    part.before = part.rest[used - 1];
    part.rest.remove_prefix(used);
    part.offset += static_cast<std::uint32_t>(used);
  }
}

std::size_t emphasis(const InlineInput& in, SpeakableOutput& out) {
  const char mark = in.rest[0];
  const std::size_t end = std::min(in.rest.find_first_not_of(mark), in.rest.size());
  if (end == in.rest.size() && !in.complete && end < kReach) return 0;
  const char after = end < in.rest.size() ? in.rest[end] : '\n';
  if (mark == '~') return end == 2 ? end : literal(in, end, out);
  const bool words = is_word_byte(in.before) && is_word_byte(after);
  const bool digits =
      is_digit(static_cast<unsigned char>(in.before)) && is_digit(static_cast<unsigned char>(after));
  const bool product = mark == '*' && end == 1 && (digits || (is_blank(in.before) && is_blank(after)));
  if (product || (mark == '_' && words)) return literal(in, end, out);
  return end;
}

std::size_t code_span(const InlineInput& in, SpeakableOutput& out) {
  const std::size_t ticks = std::min(in.rest.find_first_not_of('`'), in.rest.size());
  if (ticks == in.rest.size() && may_go_on(in)) return 0;
  const std::size_t close = find_ahead(in.rest, in.rest.substr(0, ticks), ticks);
  if (close == std::string_view::npos) return may_go_on(in) ? 0 : ticks;
  out.add(in.rest.substr(ticks, close - ticks), range(in, ticks, close));
  return close + ticks;
}

bool is_citation(std::string_view label) {
  return label.starts_with('^') ||
         (!label.empty() && label.find_first_not_of("0123456789, -") == std::string_view::npos);
}

// The bracket that closes the one at the start, with those between balanced.
std::size_t closing_bracket(std::string_view rest) {
  const char opener = rest[0];
  const char closer = opener == '[' ? ']' : ')';
  int open = 0;
  for (std::size_t i = 0; i < std::min(rest.size(), kReach) && rest[i] != '\n'; ++i) {
    open += rest[i] == opener ? 1 : rest[i] == closer ? -1 : 0;
    if (open == 0) return i;
  }
  return std::string_view::npos;
}

std::size_t link(const InlineInput& in, std::size_t open, SpeakableOutput& out) {
  const std::size_t label_end = closing_bracket(in.rest.substr(open));
  if (label_end == std::string_view::npos) return may_go_on(in) ? 0 : literal(in, open + 1, out);
  const std::size_t close = open + label_end;
  if (close + 1 == in.rest.size() && may_go_on(in)) return 0;
  std::size_t end = close + 1;
  const char next = end < in.rest.size() ? in.rest[end] : '\n';
  if (next == '(' || next == '[') {
    const std::size_t target = closing_bracket(in.rest.substr(end));
    if (target == std::string_view::npos && may_go_on(in)) return 0;
    if (target != std::string_view::npos) end += target + 1;
  }
  if (const auto override = find_override(in.rest.substr(0, end), open);
      override && override->begin == open) {
    return literal(in, end, out);
  }
  const std::string_view label = in.rest.substr(open + 1, close - open - 1);
  const bool target = end > close + 1;
  if (!target && open == 0 && is_citation(label)) {
    out.note_omission();
    return end;
  }
  if (!target && label.size() == 1 && (label == " " || label == "x" || label == "X"))
    return end;  // a check box
  if (in.depth < kDepthMax) inner_text(in, open + 1, close, out);
  return end;
}

std::size_t tag(const InlineInput& in, SpeakableOutput& out) {
  if (in.rest.size() == 1) return may_go_on(in) ? 0 : literal(in, 1, out);
  const char next = in.rest[1];
  if (next != '/' && next != '!' && !((next | 0x20) >= 'a' && (next | 0x20) <= 'z'))
    return literal(in, 1, out);
  const std::size_t close = find_ahead(in.rest, ">", 1);
  if (close == std::string_view::npos) return may_go_on(in) ? 0 : literal(in, 1, out);
  const std::string_view inside = in.rest.substr(1, close - 1);
  if (inside.find("://") != std::string_view::npos || inside.find('@') != std::string_view::npos) {
    inner_text(in, 1, close, out);
    return close + 1;
  }
  const std::string name = lower_case(inside.substr(0, inside.find_first_of(" />", 1)));
  if (name == "br" || name == "/p" || name == "/li" || name == "/tr" || name == "/div" ||
      name.starts_with("/h")) {
    out.add_break(range(in, 0, close + 1));
  }
  return close + 1;
}

std::string entity_text(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> kNamed[] = {
      {"amp", "&"},    {"lt", "<"},     {"gt", ">"},     {"quot", "\""},  {"apos", "'"},  {"nbsp", " "},
      {"mdash", "—"},  {"ndash", "–"},  {"hellip", "…"}, {"rsquo", "’"},  {"lsquo", "‘"}, {"ldquo", "“"},
      {"rdquo", "”"},  {"deg", "°"},    {"copy", "©"},   {"times", "×"},  {"euro", "€"},  {"pound", "£"},
      {"frac12", "½"}, {"eacute", "é"}, {"rarr", "→"},   {"middot", "·"}, {"bull", "•"}};
  if (name.starts_with('#')) {
    const bool hex = name.size() > 1 && (name[1] | 0x20) == 'x';
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::uint32_t value = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
    if (digits.empty() || parsed.ptr != digits.data() + digits.size() || parsed.ec != std::errc()) return "";
    if (value < 32 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return "";
    return to_utf8(std::u32string(1, value));
  }
  const auto* found = std::ranges::find(kNamed, name, [](const auto& entry) { return entry.first; });
  return found == std::end(kNamed) ? std::string() : std::string(found->second);
}

std::size_t entity(const InlineInput& in, SpeakableOutput& out) {
  constexpr std::size_t kNameMax = 10;
  const std::size_t end =
      in.rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#", 1);
  if (end == std::string_view::npos && in.rest.size() <= kNameMax && !in.complete) return 0;
  if (end == std::string_view::npos || in.rest[end] != ';' || end > kNameMax) return literal(in, 1, out);
  const std::string text = entity_text(in.rest.substr(1, end - 1));
  if (text.empty()) return literal(in, 1, out);
  text == " " ? out.add_space(range(in, 0, end + 1)) : out.add(text, range(in, 0, end + 1));
  return end + 1;
}

// "https://..." or "www....": short ones are kept for the pronunciation, of long ones the host.
bool starts_address(std::string_view rest) {
  return rest.starts_with("https://") || rest.starts_with("http://") || rest.starts_with("www.");
}

std::size_t address(const InlineInput& in, SpeakableOutput& out) {
  std::size_t end = std::min(in.rest.find_first_of(" \t\r\n<>\"`|)]"), in.rest.size());
  if (end == in.rest.size() && !in.complete && end < kReach) return 0;
  while (end > 0 && std::string_view(".,;:!?*_'").find(in.rest[end - 1]) != std::string_view::npos) --end;
  std::size_t spoken = end;
  if (end > kAddressShort) {
    const std::size_t scheme = in.rest.find("://");
    const std::size_t host = scheme == std::string_view::npos || scheme > end ? 0 : scheme + 3;
    spoken = std::min(in.rest.find_first_of("/?#", host), end);
  }
  out.add(in.rest.substr(0, spoken), range(in, 0, end));
  return end;
}

bool is_pictograph(char32_t c) {
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) || (c >= 0x2B00 && c <= 0x2BFF) ||
         (c >= 0xE0020 && c <= 0xE007F) || c == 0xFE0F || c == 0xFE0E || c == 0x200D || c == 0x20E3 ||
         (c >= 0x2300 && c <= 0x23FF) || (c >= 0x25A0 && c <= 0x25FF) || c == 0x3030 || c == kBrokenByte;
}

bool is_cut_sequence(std::string_view rest) {
  const auto first = static_cast<unsigned char>(rest[0]);
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  return first >= 0xC2 && rest.size() < length &&
         std::all_of(
             rest.begin() + 1, rest.end(),
             [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
}

std::size_t other_character(const InlineInput& in, SpeakableOutput& out) {
  if (!in.complete && is_cut_sequence(in.rest)) return 0;
  std::size_t end = 0;
  const char32_t c = next_code_point(in.rest, end);
  if (c == U'【') {  // a citation like 【4†source】
    const std::size_t close = find_ahead(in.rest, "】", end);
    if (close == std::string_view::npos && may_go_on(in)) return 0;
    out.note_omission();
    return close == std::string_view::npos ? end : close + std::string_view("】").size();
  }
  if (is_space(c)) {
    out.add_space(range(in, 0, end));
  } else if (is_pictograph(c)) {
    out.note_omission();
  } else {
    literal(in, end, out);
  }
  return end;
}

bool is_ascii_sign(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

}  // namespace

std::size_t take_inline(const InlineInput& in, SpeakableOutput& out) {
  const std::string_view rest = in.rest;
  if ((rest[0] == 'h' || rest[0] == 'w') && !is_word_byte(in.before)) {
    constexpr std::string_view kStarts[] = {"https://", "http://", "www."};
    if (starts_address(rest)) return address(in, out);
    const bool could =
        std::ranges::any_of(kStarts, [&](std::string_view start) { return start.starts_with(rest); });
    if (could && !in.complete) return 0;
  }
  switch (rest[0]) {
    case '\\':
      if (rest.size() == 1) return in.complete ? 1 : 0;
      if (!is_ascii_sign(rest[1])) return literal(in, 1, out);
      out.add(rest.substr(1, 1), range(in, 0, 2));
      return 2;
    case '*':
    case '_':
    case '~':
      return emphasis(in, out);
    case '`':
      return code_span(in, out);
    case '!':
      if (rest.size() == 1 && !in.complete) return 0;
      return rest.starts_with("![") ? link(in, 1, out) : literal(in, 1, out);
    case '[':
      return link(in, 0, out);
    case '<':
      return tag(in, out);
    case '&':
      return entity(in, out);
    default:
      return other_character(in, out);
  }
}

}  // namespace antiphon::models::text
