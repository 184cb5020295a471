#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "models/text/speakable_output.h"

namespace antiphon::models::text {

// Where inside a line of Markdown reading stands.
struct InlineInput {
  std::string_view rest;     // from here on; not empty
  std::uint32_t offset = 0;  // of rest in the reply
  bool complete = false;     // nothing will follow rest
  char before = '\n';        // the byte before rest
  int depth = 0;             // of links within links
};

// Reads one character or construct (emphasis mark, link, code span, tag, entity, address, emoji) and adds
// what is to be spoken. Returns the bytes used; 0: what it is depends on text that has not come yet. Looks at
// most 512 bytes ahead.
std::size_t take_inline(const InlineInput& in, SpeakableOutput& out);

}  // namespace antiphon::models::text
