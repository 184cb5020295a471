#include "server/security/origins.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace antiphon::server {
namespace {

std::string lowered(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_origin(std::string_view text) {
  const std::size_t scheme = text.find("://");
  return text == "null" || (scheme != std::string_view::npos && scheme > 0 && text.size() > scheme + 3 &&
                            text.find_first_of("/ ", scheme + 3) == std::string_view::npos);
}

// "http://localhost:3000" -> "localhost"
std::string_view host_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return "";
  std::string_view host = origin.substr(scheme + 3);
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

OriginList::OriginList(std::string_view text) {
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string entry = lowered(trimmed(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (entry == "local") {
      local_ = true;
    } else if (entry == "*") {
      all_ = true;
    } else if (is_origin(entry)) {
      origins_.push_back(entry);
    } else if (!entry.empty()) {
      throw std::runtime_error("Config: security.allowed_origins: \"" + entry +
                               "\" is none of: an origin like https://example.org, null, local, *.");
    }
  }
}

bool OriginList::allows(std::string_view origin) const {
  if (all_) return true;
  const std::string low = lowered(origin);
  const std::string_view host = host_of(low);
  if (local_ && (host == "localhost" || host == "127.0.0.1" || host == "[::1]")) return true;
  return std::ranges::find(origins_, low) != origins_.end();
}

bool is_page_of(std::string_view origin, std::string_view host) {
  const std::string low = lowered(origin);
  return !host.empty() && (low == "https://" + lowered(host) || low == "http://" + lowered(host));
}

}  // namespace antiphon::server
