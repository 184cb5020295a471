// Long lists of small entries, sorted by order(), cut into blocks. A block's chunk number is at most the
// order() of its first entry and greater than that of the block before it, so the block of an entry is found
// with one look.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "context_store/storage/environment.h"
#include "context_store/storage/varint.h"

namespace antiphon::context_store {

template <typename Entry>
std::string packed(const std::vector<Entry>& entries) {
  std::string bytes;
  Entry before;
  for (const Entry& entry : entries) {
    pack(bytes, entry, before);
    before = entry;
  }
  return bytes;
}

template <typename Entry, typename Visitor>
void unpack_each(std::string_view payload, Visitor&& visit) {
  ByteReader bytes(payload);
  Entry before;
  while (!bytes.done()) {
    before = unpack(bytes, before);
    visit(before);
  }
}

template <typename Entry>
std::vector<Entry> unpacked(std::string_view payload) {
  std::vector<Entry> entries;
  unpack_each<Entry>(payload, [&](const Entry& entry) { entries.push_back(entry); });
  return entries;
}

// Visits the entries of a list in order. visit(entry) -> false stops.
template <typename Entry, typename Visitor>
void visit_list(Cursor& cursor, const RecordKey& list, Visitor&& visit) {
  const std::string_view prefix = list.bytes().substr(0, RecordKey::kListBytes);
  bool more = cursor.seek(prefix);
  while (more && cursor.key().same_list(list)) {
    ByteReader bytes(cursor.payload());
    Entry entry;
    while (!bytes.done()) {
      entry = unpack(bytes, entry);
      if (!visit(entry)) return;
    }
    more = cursor.next();
  }
}

}  // namespace antiphon::context_store
