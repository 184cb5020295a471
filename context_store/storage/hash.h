#pragma once

#include <cstdint>
#include <string_view>

namespace antiphon::context_store {

// XXH3, 64 bits: stable, it is stored. Not for keeping an adversary out: whoever looks something up by hash
// compares the name that is stored with it.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace antiphon::context_store
