#pragma once

#include <cstdint>

namespace antiphon {

// How often this thread has called operator new. The test binary replaces it to count.
std::uint64_t allocations_of_this_thread();

}  // namespace antiphon
