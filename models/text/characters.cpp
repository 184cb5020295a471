#include "models/text/characters.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace antiphon::models::text {
namespace {

struct Range {
  char32_t first, last;
};

// Letters outside ASCII, by script; ascending.
constexpr Range kLetters[] = {
    {0xAA, 0xAA},     {0xB5, 0xB5},     {0xBA, 0xBA},     {0xC0, 0xD6},     {0xD8, 0xF6},
    {0xF8, 0x2C1},    {0x370, 0x373},   {0x376, 0x377},   {0x37B, 0x37D},   {0x37F, 0x37F},
    {0x386, 0x386},   {0x388, 0x3F5},   {0x3F7, 0x481},   {0x48A, 0x52F},   {0x531, 0x556},
    {0x561, 0x587},   {0x5D0, 0x5EA},   {0x620, 0x64A},   {0x671, 0x6D3},   {0x904, 0x939},
    {0xE01, 0xE30},   {0x10A0, 0x11FF}, {0x1D00, 0x1DBF}, {0x1E00, 0x1FBC}, {0x2071, 0x2071},
    {0x207F, 0x207F}, {0x2090, 0x209C}, {0x2C60, 0x2C7F}, {0x3041, 0x3096}, {0x30A1, 0x30FA},
    {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0xFB00, 0xFB06}, {0xFF21, 0xFF3A},
    {0xFF41, 0xFF5A},
};

constexpr bool even(char32_t c) {
  return c % 2 == 0;
}

// Upper and lower case alternate in these blocks; true for the block's upper-case letters.
bool is_paired_upper(char32_t c) {
  if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return even(c);
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return !even(c);
  return ((c >= 0x1E00 && c <= 0x1E95) || (c >= 0x1EA0 && c <= 0x1EFF) || (c >= 0x460 && c <= 0x481)) &&
         even(c);
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  assert(at < text.size());
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) {
    ++at;
    return first;
  }
  const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  char32_t value = first & (0x3Fu >> more);
  bool good = first >= 0xC2 && first <= 0xF4 && at + static_cast<std::size_t>(more) < text.size();
  for (int i = 1; good && i <= more; ++i) {
    good = is_continuation(text[at + static_cast<std::size_t>(i)]);
    if (good) value = (value << 6) | (byte(at + static_cast<std::size_t>(i)) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  good = good && value >= kLeast[more] && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
  at += good ? static_cast<std::size_t>(more) + 1 : 1;
  return good ? value : kBrokenByte;
}

char32_t previous_code_point(std::string_view text, std::size_t& at) {
  assert(at > 0 && at <= text.size());
  std::size_t start = at - 1;
  while (start > 0 && at - start < 4 && is_continuation(text[start])) --start;
  std::size_t end = start;
  const char32_t c = next_code_point(text.substr(0, at), end);
  if (end != at) {  // the sequence is broken: the last byte stands alone
    --at;
    return kBrokenByte;
  }
  at = start;
  return c;
}

void append_utf8(std::string& to, char32_t c) {
  const auto push = [&](char32_t byte) { to.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    push(c);
  } else if (c < 0x800) {
    push(0xC0 | (c >> 6));
    push(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    push(0xE0 | (c >> 12));
    push(0x80 | ((c >> 6) & 0x3F));
    push(0x80 | (c & 0x3F));
  } else {
    push(0xF0 | (c >> 18));
    push(0x80 | ((c >> 12) & 0x3F));
    push(0x80 | ((c >> 6) & 0x3F));
    push(0x80 | (c & 0x3F));
  }
}

std::u32string to_code_points(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) out.push_back(next_code_point(text, at));
  return out;
}

std::string to_utf8(std::u32string_view code_points) {
  std::string out;
  out.reserve(code_points.size());
  for (const char32_t c : code_points) append_utf8(out, c);
  return out;
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  const auto* range = std::lower_bound(std::begin(kLetters), std::end(kLetters), c,
                                       [](const Range& r, char32_t value) { return r.last < value; });
  return range != std::end(kLetters) && c >= range->first;
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= U'A' && c <= U'Z' ? c + 32 : c;
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c == 0x178) return 0xFF;
  if (is_paired_upper(c) && c != 0x130) return c + 1;
  if (c == 0x386) return 0x3AC;
  if (c >= 0x388 && c <= 0x38A) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0xFF21 && c <= 0xFF3A) return c + 32;
  return c;
}

char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= U'a' && c <= U'z' ? c - 32 : c;
  if (c == 0xFF) return 0x178;
  if (c == 0x3AC) return 0x386;
  for (const char32_t step : {32u, 1u, 37u, 63u, 80u}) {
    if (c > step && c - step >= 0xC0 && to_lower(c - step) == c) return c - step;
  }
  return c == 0x3CC ? 0x38C : c;
}

bool is_upper(char32_t c) {
  return to_lower(c) != c;
}

bool is_lower(char32_t c) {
  return is_letter(c) && (to_upper(c) != c || c == 0xDF);
}

bool is_space(char32_t c) {
  return c == U' ' || (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x1F) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

namespace {

template <typename Change>
std::string changed(std::string_view text, Change change) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) append_utf8(out, change(next_code_point(text, at)));
  return out;
}

}  // namespace

std::string lower_case(std::string_view text) {
  return changed(text, to_lower);
}

std::string upper_case(std::string_view text) {
  return changed(text, to_upper);
}

std::string capitalised(std::string_view text) {
  bool first = true;
  return changed(text, [&](char32_t c) { return std::exchange(first, false) ? to_upper(c) : to_lower(c); });
}

bool all_letters(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_letter(next_code_point(text, at))) return false;
  }
  return !text.empty();
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); ++count) (void)next_code_point(text, at);
  return count;
}

std::string_view last_code_points(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  for (; count > 0 && at > 0; --count) (void)previous_code_point(text, at);
  return text.substr(at);
}

}  // namespace antiphon::models::text
