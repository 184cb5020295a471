#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "models/text/mapped_text.h"
#include "models/text/speakable_output.h"

namespace antiphon::models::text {

// Turns what a language model writes (Markdown, some HTML, emoji) into plain text to be spoken, piece by
// piece as it arrives. Markers go, words stay: a link is its text, a list item or a table row a sentence of
// its own, a fenced code block nothing. A newline in the result is a pause that no comma or period shows.
//
// Owner:  one thread, one reply.
// Memory: holds back at most kHeldBytesMax bytes of an unfinished construct; what is longer is read as it
// stands. Errors: none for any bytes. The whole reply must be shorter than 4 GiB.
class SpeakableText {
 public:
  static constexpr std::size_t kHeldBytesMax = 1024;

  void feed(std::string_view piece);
  // Nothing will follow: unfinished constructs are read as they stand.
  void finish();
  // What became certain since the last call. Origins are byte offsets in all that was fed.
  MappedText take() { return output_.take(); }

 private:
  enum class Line { kParagraph, kItem, kHeading, kRow };

  void process(bool complete);
  std::size_t take_line_start(std::string_view rest, bool complete);
  std::size_t take_newline();
  std::size_t take_code_line(std::string_view rest, bool complete);
  std::size_t take_row_sign(std::string_view rest, bool complete);
  std::size_t begin_line(Line line, std::size_t marker_bytes);
  void emit_marker_number(std::string_view digits, std::size_t at);

  std::string held_;          // fed and not yet taken
  std::uint32_t offset_ = 0;  // of held_ in all that was fed
  SpeakableOutput output_;
  Line line_ = Line::kParagraph;
  bool at_line_start_ = true;
  bool break_before_ = false;  // a newline was read, its meaning depends on the next line
  std::uint32_t break_at_ = 0;
  std::string fence_;   // "```" or "~~~" while inside a code block
  char before_ = '\n';  // the byte before held_
};

// All at once, for a text that is complete.
MappedText speakable_text(std::string_view markdown);

}  // namespace antiphon::models::text
