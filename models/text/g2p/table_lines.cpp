#include "models/text/g2p/table_lines.h"

#include <stdexcept>
#include <string>

namespace antiphon::models::text {

bool TableLines::next() {
  if (rest_.empty()) return false;
  const std::size_t end = rest_.find('\n');
  line_ = rest_.substr(0, end);
  rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
  ++number_;
  return true;
}

void TableLines::split(std::span<std::string_view> fields) const {
  std::string_view rest = line_;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::size_t tab = rest.find('\t');
    const bool last = i + 1 == fields.size();
    if (last != (tab == std::string_view::npos)) refuse("has the wrong number of fields");
    fields[i] = rest.substr(0, tab);
    if (!last) rest.remove_prefix(tab + 1);
  }
}

void TableLines::refuse(std::string_view reason) const {
  throw std::runtime_error(path_->string() + ": line " + std::to_string(number_) + " " + std::string(reason));
}

}  // namespace antiphon::models::text
