// Counts heap allocations, to prove that a path makes none. Linking this in replaces operator new.
#pragma once

#include <cstdint>

namespace antiphon::test {

// Allocations through operator new by this thread since it started.
std::int64_t allocation_count();

}  // namespace antiphon::test
