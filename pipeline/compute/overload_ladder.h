#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// What is given up under load, in this order; each level includes those before it. Refusing new sessions
// comes before all of them and is the admission's business.
enum class OverloadLevel : std::uint8_t { kNone, kNoSpeculation, kFewerPartials, kNoPartials };
inline constexpr std::size_t kOverloadLevels = 4;

// Climbs and descends the levels by how many steps begin after their deadline.
//
// With the earliest deadline first a load that the lanes can carry misses no deadline at all, and one that
// they can't makes nearly everything late; so the part of late steps is a sharp sign. One level up after an
// interval with too many late ones, one down after some calm intervals in a row.
//
// Owner: one thread at a time; pure.
class OverloadLadder {
 public:
  struct Config {
    Duration interval = std::chrono::milliseconds(200);
    int late_steps_min = 3;        // fewer late steps in an interval are a hiccup
    double late_part_max = 0.1;    // of an interval's steps
    int calm_intervals_down = 10;  // with a hiccup at most, or a busy machine would never come down
  };

  explicit OverloadLadder(const Config& config) : config_(config) {}

  // A step begins, or is dropped because it is late; `now` must not go backwards. A deadline that nobody can
  // meet or miss (never, at once) does not count.
  void observe_step(Deadline deadline, Time now);
  // Closes the intervals that have passed, so that an idle machine comes down too.
  void observe_time(Time now);

  OverloadLevel level() const { return level_; }
  // How often the level was entered from below.
  std::uint64_t times_reached(OverloadLevel level) const {
    return times_reached_[static_cast<std::size_t>(level)];
  }

 private:
  void close_interval();
  void step_up();
  void step_down(std::int64_t levels);

  const Config config_;
  OverloadLevel level_ = OverloadLevel::kNone;
  Time interval_end_ = Time::min();  // min: none has begun
  int steps_ = 0;                    // in this interval
  int late_steps_ = 0;
  std::int64_t calm_intervals_ = 0;
  std::array<std::uint64_t, kOverloadLevels> times_reached_{};
};

}  // namespace antiphon::pipeline
