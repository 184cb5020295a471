#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "context_store/storage/hash.h"
#include "context_store/storage/records.h"

namespace antiphon::context_store {

struct NamePlace {
  RecordKey key;                        // where it is, or the first free place for it
  std::optional<std::uint32_t> number;  // what it stands for; none: not stored
};

// Looks a name up by its hash; names that collide lie in the next chunks. payload(key) reads a block. A
// deleted name may leave a hole before another of the same hash: two holes in a row end the search.
template <typename Payload>
NamePlace find_name(UserKey user, Record names, std::string_view name, Payload&& payload) {
  const RecordKey first(user, names, hash64(name));
  std::optional<RecordKey> free;
  int holes = 0;
  for (std::uint32_t probe = 0; holes < 2; ++probe) {
    const RecordKey key = first.with_chunk(probe);
    const std::optional<std::string_view> stored = payload(key);
    if (stored) {
      holes = 0;
      const NameEntry entry = decode_name(*stored);
      if (entry.name == name) return {key, entry.number};
    } else {
      ++holes;
      if (!free) free = key;
    }
  }
  return {*free, std::nullopt};
}

}  // namespace antiphon::context_store
