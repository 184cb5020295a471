#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "context_store/graph_types.h"
#include "context_store/storage/varint.h"

namespace antiphon::context_store {

// That a word stem occurs in a document (a turn or a fact). The document's length travels along, so that
// ranking reads nothing else.
struct Posting {
  static constexpr std::uint32_t kCountMax = 15;
  static constexpr std::uint32_t kLengthMax = 4095;

  Ordinal document = 0;
  std::uint32_t count = 0;   // 1..kCountMax; more counts as that
  std::uint32_t length = 0;  // words of the document, at most kLengthMax

  Ordinal order() const { return document; }
  friend bool operator==(const Posting&, const Posting&) = default;
};

inline void pack(std::string& bytes, const Posting& entry, const Posting& before) {
  put_varint(bytes, entry.document - before.document);
  // One byte for a word that occurs once in fewer than 64 words.
  const std::uint32_t length = std::min(entry.length, Posting::kLengthMax);
  if (entry.count == 1) {
    put_varint(bytes, length << 1);
  } else {
    put_varint(bytes, (length << 5) | (std::min(entry.count, Posting::kCountMax) << 1) | 1);
  }
}

inline Posting unpack(ByteReader& bytes, const Posting& before) {
  Posting entry;
  entry.document = static_cast<Ordinal>(before.document + bytes.varint());
  const std::uint32_t packed = bytes.small_varint();
  entry.count = (packed & 1) == 0 ? 1 : (packed >> 1) & 0xF;
  entry.length = (packed & 1) == 0 ? packed >> 1 : packed >> 5;
  return entry;
}

}  // namespace antiphon::context_store
