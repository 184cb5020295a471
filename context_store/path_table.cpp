#include "context_store/path_table.h"

#include <cassert>

namespace antiphon::context_store {

const PathTable::Entry* PathTable::find_overlap(const Path& path) const {
  const std::string_view bytes = path.bytes();
  // Ancestors end behind each zero byte; the root is the empty one.
  for (std::size_t end = 0; end < bytes.size(); end = bytes.find('\0', end) + 1) {
    if (const auto ancestor = entries_.find(bytes.substr(0, end)); ancestor != entries_.end()) {
      return &ancestor->second;
    }
  }
  const auto below = entries_.lower_bound(bytes);
  if (below != entries_.end() && below->first.starts_with(bytes)) return &below->second;
  return nullptr;
}

void PathTable::insert(const Path& path, std::string_view holder) {
  assert(find_overlap(path) == nullptr);
  entries_.emplace(path.bytes(), Entry{path, std::string(holder)});
}

void PathTable::erase(const Path& path) {
  const auto removed = entries_.erase(path.bytes());
  assert(removed == 1);
  static_cast<void>(removed);
}

}  // namespace antiphon::context_store
