// A block is a payload with a checksum in front. The checksum covers the key too, so that a good block in a
// wrong place is found out.
#pragma once

#include <string>
#include <string_view>

#include "context_store/storage/record_key.h"

namespace antiphon::context_store {

inline constexpr std::size_t kChecksumBytes = 4;

// Packed lists start a new block beyond this: small enough to rewrite in a microsecond, large enough that the
// key costs little.
inline constexpr std::size_t kBlockBytesMax = 1000;

std::string seal(const RecordKey& key, std::string_view payload);

// Throws StoreFault kCorrupt, which names the block. The payload lies within `block`.
std::string_view unseal(const RecordKey& key, std::string_view block);

}  // namespace antiphon::context_store
