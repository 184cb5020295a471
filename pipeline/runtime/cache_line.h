#pragma once

#include <cstddef>

namespace antiphon::pipeline {

// What two threads must keep apart so that neither slows the other's writes: x86-64 and most ARM cores. A
// constant of our own, because the standard's depends on compiler flags.
inline constexpr std::size_t kCacheLineBytes = 64;

}  // namespace antiphon::pipeline
