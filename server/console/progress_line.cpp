#include "server/console/progress_line.h"

namespace antiphon::server {

void ProgressLine::show(const std::string& text) {
  if (!visible_ || text == shown_) return;
  out_ << "\r\x1b[K" << text << std::flush;
  shown_ = text;
}

void ProgressLine::clear() {
  if (shown_.empty()) return;
  out_ << "\r\x1b[K" << std::flush;
  shown_.clear();
}

}  // namespace antiphon::server
