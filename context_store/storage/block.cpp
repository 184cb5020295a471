#include "context_store/storage/block.h"

#include <cstdint>
#include <cstring>

#include "context_store/storage/hash.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

std::uint32_t checksum(const RecordKey& key, std::string_view payload) {
  return static_cast<std::uint32_t>(hash64(payload, hash64(key.bytes())));
}

}  // namespace

std::string seal(const RecordKey& key, std::string_view payload) {
  const std::uint32_t sum = checksum(key, payload);
  std::string block(kChecksumBytes + payload.size(), '\0');
  std::memcpy(block.data(), &sum, kChecksumBytes);
  if (!payload.empty()) std::memcpy(block.data() + kChecksumBytes, payload.data(), payload.size());
  return block;
}

std::string_view unseal(const RecordKey& key, std::string_view block) {
  std::uint32_t stored = 0;
  if (block.size() >= kChecksumBytes) {
    std::memcpy(&stored, block.data(), kChecksumBytes);
    const std::string_view payload = block.substr(kChecksumBytes);
    if (stored == checksum(key, payload)) return payload;
  }
  throw StoreFault(StoreError::Kind::kCorrupt, "the checksum is wrong: " + key.text());
}

}  // namespace antiphon::context_store
