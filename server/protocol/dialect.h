#pragma once

#include <cstdint>

namespace antiphon::server::protocol {

// The protocol's two versions: they differ in the names of events and in the shape of sessions, responses and
// items.
enum class Dialect : std::uint8_t { kCurrent, kBeta };

}  // namespace antiphon::server::protocol
