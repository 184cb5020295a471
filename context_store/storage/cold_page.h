// The pages of a cold segment. A leaf holds blocks in the order of their keys, each key without what it
// shares with the one before it; a page above holds the first key, the place and the checksum of each page
// below it.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "context_store/storage/record_key.h"
#include "context_store/storage/varint.h"

namespace antiphon::context_store {

// Beyond this a page ends: one that is read alone costs one or two of the system's.
inline constexpr std::size_t kColdPageBytes = 4096;

struct PagePlace {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
};

// --- leaves ---
inline void put_cold_entry(std::string& page, std::string_view key, std::string_view key_before,
                           std::string_view payload) {
  std::size_t shared = 0;
  while (shared < key_before.size() && key[shared] == key_before[shared]) ++shared;
  page.push_back(static_cast<char>(shared));
  page += key.substr(shared);
  put_text(page, payload);
}

// Reads the entry that follows; `key` holds the one before it. Throws StoreFault kCorrupt.
inline std::string_view next_cold_entry(ByteReader& page, std::array<char, RecordKey::kBytes>& key) {
  const std::size_t shared = page.byte();
  if (shared >= key.size()) throw StoreFault(StoreError::Kind::kCorrupt, "a key of a cold page is wrong");
  const std::string_view rest = page.bytes(key.size() - shared);
  std::memcpy(key.data() + shared, rest.data(), rest.size());
  return page.text();
}

// --- pages above: entries of one size, so that they can be searched by halves ---
inline constexpr std::size_t kPageEntryBytes = RecordKey::kBytes + 3 * sizeof(std::uint64_t);

inline void put_page_entry(std::string& page, std::string_view first_key, const PagePlace& place) {
  page += first_key;
  for (const std::uint64_t number : {place.offset, place.bytes, place.checksum}) {
    page.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
}

inline std::size_t page_entries(std::string_view page) {
  return page.size() / kPageEntryBytes;
}

inline std::string_view page_entry_key(std::string_view page, std::size_t index) {
  return page.substr(index * kPageEntryBytes, RecordKey::kBytes);
}

inline PagePlace page_entry_place(std::string_view page, std::size_t index) {
  PagePlace place;
  const char* at = page.data() + index * kPageEntryBytes + RecordKey::kBytes;
  for (std::uint64_t* number : {&place.offset, &place.bytes, &place.checksum}) {
    std::memcpy(number, at, sizeof *number);
    at += sizeof *number;
  }
  return place;
}

}  // namespace antiphon::context_store
