// Time as the pipeline counts it. Only thread loops read the clock; everything else gets `now`.
#pragma once

#include <chrono>
#include <compare>

namespace antiphon::pipeline {

using Clock = std::chrono::steady_clock;  // CLOCK_MONOTONIC, which Doorbell::wait_until() relies on
using Time = Clock::time_point;
using Duration = Clock::duration;                        // nanoseconds
using WallTime = std::chrono::system_clock::time_point;  // for what a client is told, never to wait

// The time after which a result is worth less, or nothing. Absolute: it is passed on, never derived anew.
class Deadline {
 public:
  constexpr explicit Deadline(Time at) : at_(at) {}
  static constexpr Deadline never() { return Deadline(Time::max()); }
  static constexpr Deadline at_once() { return Deadline(Time::min()); }

  constexpr Time at() const { return at_; }
  constexpr bool passed(Time now) const { return now > at_; }

  friend constexpr auto operator<=>(const Deadline&, const Deadline&) = default;

 private:
  Time at_;
};

}  // namespace antiphon::pipeline
