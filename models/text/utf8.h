// Where UTF-8 text is well-formed (The Unicode Standard, section 3.9, table 3-7). Pure; any bytes are fine.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace antiphon::models::text {

inline constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD, for what is no text

// Bytes (1 to 4) of the character that `text` begins with; 0 if it begins with none: cut off, overlong, a
// surrogate, not a lead byte, or empty.
std::size_t character_bytes(std::string_view text);

// Bytes of the longest well-formed beginning of `text`.
std::size_t well_formed_bytes(std::string_view text);

// Whether all of `text` is the beginning of one character that lacks at least one byte.
bool is_cut_character(std::string_view text);

// Turns the bytes of one token after the other into text for people: a character that is spread over several
// tokens comes out when it is complete. Bytes that can't become a character come out as U+FFFD.
//
// Owner:  one reply; not thread-safe.
// Memory: holds back at most three bytes.
class Utf8Stream {
 public:
  // Appends to `text` all that is certain now.
  void push(std::string_view bytes, std::string* text);
  // Appends U+FFFD for a character that stayed incomplete. The stream can then be used again.
  void finish(std::string* text);

 private:
  std::string held_;  // is_cut_character(), or empty
};

}  // namespace antiphon::models::text
