#include "models/text/bert_characters.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <iterator>

namespace antiphon::models::text {
namespace {

struct Folding {
  char32_t from;
  char32_t to;
  char32_t second = 0;
};

#include "models/text/bert_characters.inc"

constexpr char32_t kBroken = 0xFFFD;

}  // namespace

BertCharacter bert_character(char32_t code_point) {
  const auto* after = std::ranges::upper_bound(kKindChanges, static_cast<std::uint32_t>(code_point) << 3 | 7);
  return static_cast<BertCharacter>(*std::prev(after) & 7);
}

std::array<char32_t, 3> bert_folding(char32_t c) {
  if (c < 128) return {c >= U'A' && c <= U'Z' ? c + (U'a' - U'A') : c};
  constexpr char32_t kHangulFirst = 0xAC00, kHangulCount = 11172, kVowels = 21, kFinals = 28;
  if (c >= kHangulFirst && c < kHangulFirst + kHangulCount) {  // the Unicode Standard, section 3.12
    const char32_t syllable = c - kHangulFirst;
    const char32_t final = syllable % kFinals;
    return {0x1100 + syllable / (kVowels * kFinals), 0x1161 + syllable / kFinals % kVowels,
            final == 0 ? 0 : 0x11A7 + final};
  }
  const auto* found = std::ranges::lower_bound(kFoldings, c, {}, &Folding::from);
  if (found == std::end(kFoldings) || found->from != c) return {c};
  return {found->to, found->second};
}

char32_t take_code_point(std::string_view* text) {
  assert(!text->empty());
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const unsigned char first = byte(0);
  std::size_t length = 1;
  char32_t code_point = first;
  if (first >= 0xC2 && first < 0xF5) {
    length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    code_point = first & (0xFFu >> (length + 1));
  } else if (first >= 0x80) {
    code_point = kBroken;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text->size() || (byte(i) & 0xC0) != 0x80) {
      text->remove_prefix(1);
      return kBroken;
    }
    code_point = code_point << 6 | (byte(i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && code_point < 0x800) || (length == 4 && code_point < 0x10000);
  if (overlong || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000)) {
    length = 1;
    code_point = kBroken;
  }
  text->remove_prefix(length);
  return code_point;
}

}  // namespace antiphon::models::text
