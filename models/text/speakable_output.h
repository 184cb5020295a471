#pragma once

#include <optional>
#include <string_view>

#include "models/text/mapped_text.h"

namespace antiphon::models::text {

// Collects plain text with single spaces. A space comes out only once something is said behind it, so that
// none stands before a sign.
class SpeakableOutput {
 public:
  void add(std::string_view text, ByteRange origin);
  void add_space(ByteRange origin);
  // A sentence's end: a period unless a sign stands there already, then a newline.
  void add_break(ByteRange origin);
  // A comma unless a sign stands there already.
  void add_comma(ByteRange origin);
  // Something that is not spoken stood here: a sign that follows joins the word before.
  void note_omission() { omitted_ = true; }
  // What was collected since the last call.
  MappedText take();

 private:
  bool ends_with_one_of(std::string_view signs) const { return signs.find(last_) != std::string_view::npos; }

  MappedText text_;
  std::optional<ByteRange> space_;  // to come before the next text
  bool omitted_ = false;
  char last_ = '\n';  // the last byte ever added; '\n' at the start
};

}  // namespace antiphon::models::text
