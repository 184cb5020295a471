#include "tests/unit/house/source_text.h"

#include <cctype>

namespace antiphon::house {
namespace {

// Walks over one file. Each skip function starts at an opening sign and ends behind the closing one.
class Blanker {
 public:
  explicit Blanker(const std::string& source) : text_(source) {}

  std::string run() {
    while (at_ < text_.size()) {
      if (starts("//")) {
        blank_until("\n", 0);
      } else if (starts("/*")) {
        blank_until("*/", 2);
      } else if (starts("R\"") && !is_word(at_ > 0 ? text_[at_ - 1] : ' ')) {
        blank_raw_text();
      } else if (text_[at_] == '"') {
        blank_quoted('"');
      } else if (text_[at_] == '\'' && !is_word(at_ > 0 ? text_[at_ - 1] : ' ')) {  // not 1'000
        blank_quoted('\'');
      } else {
        ++at_;
      }
    }
    return text_;
  }

 private:
  static bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }
  bool starts(const char* what) const { return text_.compare(at_, 2, what) == 0; }

  void blank_one() {
    if (text_[at_] != '\n') text_[at_] = ' ';
    ++at_;
  }

  void blank_until(const std::string& end, std::size_t end_blanked) {
    std::size_t stop = text_.find(end, at_ + 2);
    stop = stop == std::string::npos ? text_.size() : stop + end_blanked;
    while (at_ < stop) blank_one();
  }

  void blank_raw_text() {
    const std::size_t open = text_.find('(', at_);
    if (open == std::string::npos) {
      at_ = text_.size();
      return;
    }
    const std::string close = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    at_ = open;
    blank_until(close, close.size());
  }

  void blank_quoted(char quote) {
    ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) blank_one();
      blank_one();
    }
    if (at_ < text_.size()) ++at_;
  }

  std::string text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string code_only(const std::string& source) {
  return Blanker(source).run();
}

}  // namespace antiphon::house
