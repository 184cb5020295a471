// Which signs come off the ends of a chunk of text, and where a chunk is split inside. Pure functions on
// valid UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace antiphon::models::text {

// Bytes of the sign that the chunk starts or ends with and that is a token of its own; 0: none.
std::size_t prefix_length(std::string_view chunk);
std::size_t suffix_length(std::string_view chunk);
// Bytes of the separator at `at` inside the chunk (hyphen, slash, dots ...) that is a token of its own; 0:
// none.
std::size_t infix_length(std::string_view chunk, std::size_t at);

}  // namespace antiphon::models::text
