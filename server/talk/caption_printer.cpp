#include "server/talk/caption_printer.h"

#include <algorithm>

namespace antiphon::server {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kStruckOut = "\x1b[2;9m";
constexpr std::string_view kPlain = "\x1b[0m";

// Characters, not bytes; without the sequences that colour them.
int columns_of(std::string_view line) {
  int columns = 0;
  bool sequence = false;
  for (const char c : line) {
    if (c == '\x1b') sequence = true;
    if (!sequence && (static_cast<unsigned char>(c) & 0xC0) != 0x80) ++columns;
    if (c == 'm') sequence = false;
  }
  return columns;
}

int rows_of(std::string_view line, int columns) {
  return std::max(1, (columns_of(line) + columns - 1) / columns);
}

// What is left of the text behind the part that was heard.
std::string_view unheard(const Caption& caption) {
  std::string_view rest = caption.text;
  const std::size_t begin = rest.find_first_not_of(" \n");
  rest.remove_prefix(std::min(begin, rest.size()));
  rest.remove_prefix(std::min(caption.heard->size(), rest.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

}  // namespace

void CaptionPrinter::update(const TalkConversation& conversation, std::string_view playing,
                            const std::string& state, int columns) {
  std::string live;
  int rows = 0;
  bool certain = true;
  for (const Caption& caption : conversation.captions()) {
    if (printed_.contains(caption.id)) continue;
    certain =
        certain && caption.state != Caption::State::kLive && !caption.cut_awaited && caption.id != playing;
    if (certain) {
      print(conversation, caption);
      continue;
    }
    if (caption.text.empty() && !caption.user) continue;
    const std::string line = line_of(caption);
    live += line + "\n";
    rows += rows_of(line, columns);
  }
  if (!terminal_) return;
  const std::string line = std::string(kDim) + state + std::string(kPlain);
  live += line;
  rows += rows_of(line, columns) - 1;
  if (live == live_) return;
  erase_live();
  words_ << live << std::flush;
  live_ = live;
  live_rows_ = rows;
}

void CaptionPrinter::note(const std::string& line) {
  erase_live();
  times_ << line << "\n" << std::flush;
}

void CaptionPrinter::finish(const TalkConversation& conversation) {
  for (const Caption& caption : conversation.captions()) {
    if (!printed_.contains(caption.id)) print(conversation, caption);
  }
  erase_live();
}

void CaptionPrinter::print(const TalkConversation& conversation, const Caption& caption) {
  erase_live();
  printed_.insert(caption.id);
  if (caption.text.empty()) return;
  words_ << line_of(caption) << "\n" << std::flush;
  const TalkTurn* turn = conversation.turn_of(caption.response);
  if (turn == nullptr || !turn->voice_to_voice) return;
  times_ << (terminal_ ? kDim : "") << "  [" << turn->voice_to_voice->count() << " ms voice to voice]"
         << (terminal_ ? kPlain : "") << "\n"
         << std::flush;
}

std::string CaptionPrinter::line_of(const Caption& caption) const {
  const std::string who = caption.user ? "you: " : "antiphon: ";
  std::string line = terminal_ ? std::string(kBold) + who + std::string(kPlain) : who;
  if (!caption.heard) return line + caption.text;
  const std::string rest(unheard(caption));
  line += *caption.heard + (caption.heard->empty() ? "" : " ");
  if (terminal_) return line + std::string(kStruckOut) + rest + std::string(kPlain);
  return line + "[not heard: " + rest + "]";
}

// Up to the first row of what was shown, and away with it.
void CaptionPrinter::erase_live() {
  if (live_.empty()) return;
  words_ << "\r";
  if (live_rows_ > 0) words_ << "\x1b[" << live_rows_ << "A";
  words_ << "\x1b[J" << std::flush;
  live_.clear();
  live_rows_ = 0;
}

}  // namespace antiphon::server
