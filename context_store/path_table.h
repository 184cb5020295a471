#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "context_store/path.h"

namespace antiphon::context_store {

// Who holds which path. No two of its paths overlap. Pure data: its owner locks.
//
// Time: find_overlap() looks once for each ancestor and once for descendants, whatever the number of paths.
class PathTable {
 public:
  struct Entry {
    Path path;
    std::string holder;
  };

  // An entry that is an ancestor of the path, the path itself, or below it; null: it is free.
  const Entry* find_overlap(const Path& path) const;

  // REQUIRES: find_overlap(path) is null.
  void insert(const Path& path, std::string_view holder);
  // REQUIRES: the path was inserted.
  void erase(const Path& path);

  std::size_t size() const { return entries_.size(); }

 private:
  std::map<std::string, Entry, std::less<>> entries_;  // by the path's bytes
};

}  // namespace antiphon::context_store
