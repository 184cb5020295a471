// Code points, letters and case for text that comes from outside: any bytes are fine.
//
// Letters and case are exact for Latin, Greek and Cyrillic and coarse for other scripts: an English voice
// cannot read those anyway. All functions are pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace antiphon::models::text {

inline constexpr char32_t kBrokenByte = 0xFFFD;

// The code point that starts at `at`, which must be < text.size(); moves `at` behind it. A byte that starts
// no valid UTF-8 sequence (overlong, surrogate, cut off) is one kBrokenByte.
char32_t next_code_point(std::string_view text, std::size_t& at);
// The code point that ends before `at`, which must be in (0, text.size()]; moves `at` to its start.
char32_t previous_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& to, char32_t code_point);
std::u32string to_code_points(std::string_view text);
std::string to_utf8(std::u32string_view code_points);

bool is_letter(char32_t c);
bool is_upper(char32_t c);
bool is_lower(char32_t c);
bool is_space(char32_t c);
constexpr bool is_digit(char32_t c) {
  return c >= U'0' && c <= U'9';
}
char32_t to_lower(char32_t c);
char32_t to_upper(char32_t c);

std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);
std::string capitalised(std::string_view text);  // the first letter upper case, all others lower case

// Non-empty and nothing else than letters, or ASCII digits.
bool all_letters(std::string_view text);
bool all_digits(std::string_view text);
inline bool has_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}
inline bool is_lower_case(std::string_view text) {
  return lower_case(text) == text;
}
inline bool is_upper_case(std::string_view text) {
  return upper_case(text) == text;
}

std::size_t code_points(std::string_view text);
// The last `count` code points, or all of the text.
std::string_view last_code_points(std::string_view text, std::size_t count);

}  // namespace antiphon::models::text
