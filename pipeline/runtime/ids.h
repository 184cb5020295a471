#pragma once

#include <cstdint>

namespace antiphon::pipeline {

// One caller's conversation; never used twice while the process runs.
enum class SessionId : std::uint64_t {};

// What a session's piece of work was started for: one speculation, one response, one partial transcript. A
// result whose generation the session has left behind is dropped. A session counts its own, upwards.
enum class Generation : std::uint64_t {};

constexpr Generation next(Generation generation) {
  return Generation{static_cast<std::uint64_t>(generation) + 1};
}

}  // namespace antiphon::pipeline
