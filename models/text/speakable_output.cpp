#include "models/text/speakable_output.h"

#include <utility>

namespace antiphon::models::text {

void SpeakableOutput::add(std::string_view text, ByteRange origin) {
  if (text.empty()) return;
  const bool joins = omitted_ && std::string_view(".,;:!?").find(text[0]) != std::string_view::npos;
  if (space_ && !joins && last_ != '\n') text_.append(" ", *space_);
  space_.reset();
  omitted_ = false;
  text_.append(text, origin);
  last_ = text.back();
}

void SpeakableOutput::add_space(ByteRange origin) {
  if (!space_) space_ = origin;
}

void SpeakableOutput::add_break(ByteRange origin) {
  space_.reset();
  if (last_ == '\n') return;
  if (!ends_with_one_of(".!?:;,")) add(".", origin);
  add("\n", origin);
}

void SpeakableOutput::add_comma(ByteRange origin) {
  space_.reset();
  if (!ends_with_one_of(".!?:;,\n")) add(",", origin);
}

MappedText SpeakableOutput::take() {
  return std::exchange(text_, MappedText());
}

}  // namespace antiphon::models::text
