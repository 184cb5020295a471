#include "models/text/g2p/compose.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "models/text/characters.h"

namespace antiphon::models::text {
namespace {

// For each accent: the plain letters that it combines with, and the results in the same order.
struct Accent {
  char32_t mark;
  std::u32string_view letters, composed;
};
constexpr Accent kAccents[] = {
    {0x300, U"AEIOUaeiouNn", U"ÀÈÌÒÙàèìòùǸǹ"},
    {0x301, U"AEIOUYaeiouyCcLlNnRrSsZz", U"ÁÉÍÓÚÝáéíóúýĆćĹĺŃńŔŕŚśŹź"},
    {0x302, U"AEIOUaeiouCcGgHhJjSsWwYy", U"ÂÊÎÔÛâêîôûĈĉĜĝĤĥĴĵŜŝŴŵŶŷ"},
    {0x303, U"ANOanoIiUu", U"ÃÑÕãñõĨĩŨũ"},
    {0x304, U"AEIOUaeiou", U"ĀĒĪŌŪāēīōū"},
    {0x306, U"AEGIOUaegiou", U"ĂĔĞĬŎŬăĕğĭŏŭ"},
    {0x307, U"CEGIZcegz", U"ĊĖĠİŻċėġż"},
    {0x308, U"AEIOUYaeiouy", U"ÄËÏÖÜŸäëïöüÿ"},
    {0x30A, U"AUau", U"ÅŮåů"},
    {0x30B, U"OUou", U"ŐŰőű"},
    {0x30C, U"CDENRSTZcdenrstzAIOUaiou", U"ČĎĚŇŘŠŤŽčďěňřšťžǍǏǑǓǎǐǒǔ"},
    {0x326, U"STst", U"ȘȚșț"},
    {0x327, U"CGKLNRSTcgklnrst", U"ÇĢĶĻŅŖŞŢçģķļņŗşţ"},
    {0x328, U"AEIUaeiu", U"ĄĘĮŲąęįų"},
};

struct Plain {
  char32_t sign;
  std::string_view text;
};
constexpr Plain kPlain[] = {
    {U'ﬀ', "ff"},  {U'ﬁ', "fi"},  {U'ﬂ', "fl"},  {U'ﬃ', "ffi"}, {U'ﬄ', "ffl"}, {U'ﬅ', "st"},   {U'ﬆ', "st"},
    {U'Ⅰ', "I"},   {U'Ⅱ', "II"},  {U'Ⅲ', "III"}, {U'Ⅳ', "IV"},  {U'Ⅴ', "V"},   {U'№', "No. "}, {U'℃', "°C"},
    {U'℉', "°F"},  {U'⅓', "1/3"}, {U'⅔', "2/3"}, {U'⅕', "1/5"}, {U'⅖', "2/5"}, {U'⅗', "3/5"},  {U'⅘', "4/5"},
    {U'⅙', "1/6"}, {U'⅛', "1/8"}, {U'⅜', "3/8"}, {U'⅝', "5/8"}, {U'⅞', "7/8"}, {U'⁄', "/"}};

char32_t plain_digit(char32_t c) {
  if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079)) return U'0' + (c - 0x2070);
  if (c >= 0x2080 && c <= 0x2089) return U'0' + (c - 0x2080);
  return c == 0xB9 ? U'1' : 0;
}

bool combine(MappedText& text, char32_t mark, ByteRange origin) {
  const auto* accent = std::ranges::find(kAccents, mark, &Accent::mark);
  if (accent == std::end(kAccents) || text.empty()) return false;
  std::size_t start = text.size();
  const char32_t letter = previous_code_point(text.text(), start);
  const std::size_t i = accent->letters.find(letter);
  if (i == std::u32string_view::npos) return false;
  origin.begin = text.origin(start, text.size()).begin;
  text.truncate(start);
  text.append(to_utf8(accent->composed.substr(i, 1)), origin);
  return true;
}

}  // namespace

bool compose_onto(MappedText& text, char32_t c, ByteRange origin) {
  if (c < 0xB9) return false;
  if (c >= 0x300 && c <= 0x36F) return combine(text, c, origin) || true;  // an accent of nothing is dropped
  if (c >= 0xFF01 && c <= 0xFF5E) {
    text.append(std::string(1, static_cast<char>(c - 0xFF01 + '!')), origin);
    return true;
  }
  if (const char32_t digit = plain_digit(c); digit != 0) {
    text.append(std::string(1, static_cast<char>(digit)), origin);
    return true;
  }
  if (const auto* plain = std::ranges::find(kPlain, c, &Plain::sign); plain != std::end(kPlain)) {
    text.append(plain->text, origin);
    return true;
  }
  return false;
}

}  // namespace antiphon::models::text
