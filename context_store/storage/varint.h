// Numbers in as few bytes as they need: seven bits a byte, low bits first (LEB128). Signed ones are folded,
// so that small magnitudes are short (zigzag).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {

inline void put_varint(std::string& bytes, std::uint64_t value) {
  while (value >= 0x80) {
    bytes.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<char>(value));
}

inline std::uint64_t folded(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

inline std::int64_t unfolded(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

inline void put_signed(std::string& bytes, std::int64_t value) {
  put_varint(bytes, folded(value));
}

inline void put_text(std::string& bytes, std::string_view text) {
  put_varint(bytes, text.size());
  bytes += text;
}

// Reads what the functions above wrote. A checksum guards the bytes before they come here; throws
// StoreFault kCorrupt where they still make no sense.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return at_ == end_; }

  std::uint8_t byte() {
    if (at_ == end_) broken();
    return static_cast<std::uint8_t>(*at_++);
  }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      value |= static_cast<std::uint64_t>(next & 0x7F) << shift;
      if (next < 0x80) return value;
    }
    broken();
  }

  std::int64_t signed_varint() { return unfolded(varint()); }

  std::uint32_t small_varint() {
    const std::uint64_t value = varint();
    if (value > UINT32_MAX) broken();
    return static_cast<std::uint32_t>(value);
  }

  std::string_view text() { return bytes(varint()); }

  std::string_view bytes(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) broken();
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  [[noreturn]] static void broken() {
    throw StoreFault(StoreError::Kind::kCorrupt, "a block ends in the middle of a value");
  }

  const char* at_;
  const char* end_;
};

}  // namespace antiphon::context_store
