#include "models/text/speakable_text.h"

#include <algorithm>

#include "models/text/characters.h"
#include "models/text/markdown_inline.h"

namespace antiphon::models::text {
namespace {

constexpr std::size_t kMarkerBytesMax = 64;  // a line's start that is longer than this is text

std::size_t skip_blanks(std::string_view rest, std::size_t at = 0) {
  return std::min(rest.find_first_not_of(" \t", at), rest.size());
}

bool consists_of(std::string_view line, std::string_view characters) {
  return !line.empty() && line.find_first_not_of(characters) == std::string_view::npos;
}

// "---", "* * *", "===": drawn, not spoken.
bool is_rule(std::string_view line) {
  return std::ranges::count_if(line, [](char c) { return c != ' '; }) >= 3 &&
         (consists_of(line, "- ") || consists_of(line, "* ") || consists_of(line, "_ ") ||
          consists_of(line, "= "));
}

// "|---|:--:|"
bool is_table_ruler(std::string_view line) {
  return line.starts_with('|') && consists_of(line, "|-: \t");
}

}  // namespace

void SpeakableText::feed(std::string_view piece) {
  held_ += piece;
  process(false);
}

void SpeakableText::finish() {
  process(true);
  if (break_before_) output_.add_break({break_at_, break_at_ + 1});
  break_before_ = false;
}

void SpeakableText::process(bool complete) {
  std::size_t done = 0;
  while (done < held_.size()) {
    const std::string_view rest = std::string_view(held_).substr(done);
    const bool all = complete || rest.size() > kHeldBytesMax;
    const bool line_start = at_line_start_;
    std::size_t used = 0;
    if (line_start) {
      used = fence_.empty() ? take_line_start(rest, all) : take_code_line(rest, all);
    } else if (rest[0] == '\n') {
      used = take_newline();
    } else if (line_ == Line::kRow && rest[0] == '|') {
      used = take_row_sign(rest, all);
    } else {
      used = take_inline({rest, offset_, all, before_}, output_);
    }
    const bool line_began = line_start && !at_line_start_;
    if (used == 0 && !line_began) break;  // more text is needed
    before_ = line_began ? '\n' : rest[used - 1];
    done += used;
    offset_ += static_cast<std::uint32_t>(used);
  }
  held_.erase(0, done);
}

// Starts a line of text behind its marker, with the pause that the change of line calls for.
std::size_t SpeakableText::begin_line(Line line, std::size_t marker_bytes) {
  if (break_before_) {
    const ByteRange at{break_at_, break_at_ + 1};
    const bool pause = line != Line::kParagraph || line_ != Line::kParagraph;
    pause ? output_.add_break(at) : output_.add_space(at);
  }
  break_before_ = false;
  line_ = line;
  at_line_start_ = false;
  return marker_bytes;
}

// "2. " becomes "2: ", so that the number is no sentence of its own.
void SpeakableText::emit_marker_number(std::string_view digits, std::size_t at) {
  const auto begin = offset_ + static_cast<std::uint32_t>(at);
  const auto end = begin + static_cast<std::uint32_t>(digits.size());
  output_.add(digits, {begin, end});
  output_.add(":", {end, end + 1});
  output_.add_space({end, end + 1});
}

std::size_t SpeakableText::take_newline() {
  break_before_ = true;
  break_at_ = offset_;
  at_line_start_ = true;
  return 1;
}

// Cells are separated by commas; the sign at the row's end is none.
std::size_t SpeakableText::take_row_sign(std::string_view rest, bool complete) {
  const std::size_t next = rest.find_first_not_of(" \t\r", 1);
  if (next == std::string_view::npos) return complete ? rest.size() : 0;
  if (rest[next] == '\n') return next;
  output_.add_comma({offset_, offset_ + 1});
  output_.add_space({offset_, offset_ + 1});
  return 1;
}

// Inside a fence nothing is spoken; the fence ends at a line that repeats it.
std::size_t SpeakableText::take_code_line(std::string_view rest, bool complete) {
  const std::size_t newline = rest.find('\n');
  if (newline == std::string_view::npos && !complete) return 0;
  const std::string_view line = rest.substr(0, newline);
  const std::size_t start = skip_blanks(line);
  if (line.substr(start).starts_with(fence_)) fence_.clear();
  return newline == std::string_view::npos ? line.size() : newline + 1;
}

// Returns 0 both when more text is needed and when the line starts without a marker; at_line_start_ tells
// which.
std::size_t SpeakableText::take_line_start(std::string_view rest, bool complete) {
  const std::size_t newline = rest.find('\n');
  const bool whole = complete || newline != std::string_view::npos;
  std::string_view line = rest.substr(0, newline);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t start = skip_blanks(line);
  const std::string_view text = line.substr(start);
  const std::size_t line_bytes = newline == std::string_view::npos ? rest.size() : newline + 1;
  if (text.empty()) {  // a blank line ends a paragraph
    if (!whole) return 0;
    if (break_before_) output_.add_break({break_at_, break_at_ + 1});
    break_before_ = false;
    return line_bytes;
  }
  if (text.starts_with("```") || text.starts_with("~~~")) {
    if (!whole) return 0;
    if (break_before_) output_.add_break({break_at_, break_at_ + 1});
    break_before_ = false;
    fence_ = text.substr(0, 3);
    return line_bytes;
  }
  const char sign = text[0];
  if (consists_of(text, "-*_=#>+`~|: ") && !whole && text.size() < kMarkerBytesMax)
    return 0;  // may become anything
  if (is_rule(text) || is_table_ruler(text)) {
    if (!whole) return 0;
    return line_bytes;
  }
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits > 0 && digits <= 3) {
    const std::size_t dot = digits;
    if (text.size() < dot + 2 && !whole) return 0;
    if (text.size() > dot + 1 && (text[dot] == '.' || text[dot] == ')') && text[dot + 1] == ' ') {
      (void)begin_line(Line::kItem, 1);
      emit_marker_number(text.substr(0, digits), start);
      return start + dot + 2;
    }
  }
  if (sign == '|') return begin_line(Line::kRow, skip_blanks(line, start + 1));
  const std::size_t hashes = std::min(text.find_first_not_of('#'), text.size());
  if (hashes >= 1 && hashes <= 6 && hashes < text.size() && text[hashes] == ' ') {
    return begin_line(Line::kHeading, start + hashes + 1);
  }
  if (sign == '>')
    return std::max<std::size_t>(1, start + 1);  // a quote's line is read on as a line of its own
  const std::string_view bullet = text.starts_with("•") ? std::string_view("•") : text.substr(0, 1);
  const bool bulleted = std::string_view("-*+•").find(bullet) != std::string_view::npos &&
                        text.size() > bullet.size() && text[bullet.size()] == ' ';
  if (bulleted) return begin_line(Line::kItem, start + bullet.size() + 1);
  return begin_line(Line::kParagraph, start);
}

MappedText speakable_text(std::string_view markdown) {
  SpeakableText text;
  text.feed(markdown);
  text.finish();
  return text.take();
}

}  // namespace antiphon::models::text
