// Counts mutexes that are locked, to prove that a path locks none. Linking this in replaces
// pthread_mutex_lock(); not in builds with sanitizers, which replace it themselves: there it stays 0.
#pragma once

#include <cstdint>

namespace antiphon::test {

// Locks of this thread since it started.
std::int64_t lock_count();

}  // namespace antiphon::test
