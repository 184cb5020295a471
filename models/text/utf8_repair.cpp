#include "models/text/utf8_repair.h"

#include <algorithm>
#include <cstddef>

#include "models/text/utf8.h"

namespace antiphon::models::text {
namespace {

// What may follow a first byte: how many bytes, and the range of the first of them (the others are 80..BF).
struct Continuation {
  int count = -1;  // -1: no character begins like this
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Continuation continuation_of(unsigned char first) {
  if (first < 0x80) return {0};
  if (first >= 0xC2 && first <= 0xDF) return {1};
  if (first == 0xE0) return {2, 0xA0, 0xBF};
  if (first == 0xED) return {2, 0x80, 0x9F};  // no surrogates
  if (first >= 0xE1 && first <= 0xEF) return {2};
  if (first == 0xF0) return {3, 0x90, 0xBF};
  if (first >= 0xF1 && first <= 0xF3) return {3};
  if (first == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

}  // namespace

std::string repair_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  std::size_t at = 0;
  while (at < bytes.size()) {
    const Continuation expected = continuation_of(static_cast<unsigned char>(bytes[at]));
    const std::size_t length_wanted = 1 + static_cast<std::size_t>(std::max(expected.count, 0));
    std::size_t length = 1;
    while (length < length_wanted && at + length < bytes.size()) {
      const auto next = static_cast<unsigned char>(bytes[at + length]);
      const bool fits = length == 1 ? next >= expected.low && next <= expected.high : (next & 0xC0) == 0x80;
      if (!fits) break;
      ++length;
    }
    const bool whole = expected.count >= 0 && length == length_wanted;
    text.append(whole ? bytes.substr(at, length) : kReplacement);
    at += length;
  }
  return text;
}

}  // namespace antiphon::models::text
