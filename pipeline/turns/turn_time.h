// The two clocks of a turn.
//
// The user's speech is measured on the audio clock: what the client has sent so far, in milliseconds since
// the session began. It stands still when the client sends nothing and may run ahead of the wall clock. What
// the assistant does is measured on the wall clock, and `now` is an argument everywhere.
#pragma once

#include <chrono>

#include "pipeline/runtime/ids.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline::turns {

using AudioTime = std::chrono::milliseconds;  // position in the user's audio since the session began

inline constexpr AudioTime kWindow{32};  // what the voice activity detector hears at a time

}  // namespace antiphon::pipeline::turns
