#include "context_store/path.h"

#include <algorithm>

namespace antiphon::context_store {

std::optional<Path> Path::of(const std::vector<std::string_view>& names) {
  std::optional<Path> path = Path();
  for (const std::string_view name : names) {
    path = path->child(name);
    if (!path) return std::nullopt;
  }
  return path;
}

std::optional<Path> Path::child(std::string_view name) const {
  if (name.empty() || name.size() > kNameBytesMax || name.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  Path path = *this;
  path.bytes_ += name;
  path.bytes_ += '\0';
  return path;
}

std::vector<std::string> Path::names() const {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < bytes_.size();) {
    const std::size_t end = bytes_.find('\0', at);
    names.push_back(bytes_.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

std::string Path::text() const {
  if (bytes_.empty()) return "/";
  std::string text = "/" + bytes_.substr(0, bytes_.size() - 1);
  std::ranges::replace(text, '\0', '/');
  return text;
}

std::optional<UserPath> UserPath::of(std::string_view tenant, std::string_view user) {
  const std::optional<Path> path = Path::of({tenant, user});
  if (!path) return std::nullopt;
  UserPath result;
  result.tenant_ = tenant;
  result.user_ = user;
  result.path_ = *path;
  return result;
}

}  // namespace antiphon::context_store
