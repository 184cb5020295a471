#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// What is given up under load, in this order; each level includes those before it. Refusing new sessions
// comes before all of them, and is the admission's business.
enum class OverloadLevel : std::uint8_t { kNone, kNoSpeculation, kFewerPartials, kNoPartials };
inline constexpr std::size_t kOverloadLevels = 4;

// Climbs and descends the levels by how long ready steps wait for a lane.
//
// The sign of a standing queue is the *smallest* wait within an interval (after CoDel: Nichols and Jacobson
// 2012): a burst that drains leaves it near zero, an overload does not. One level up after each interval
// whose smallest wait is above wait_target, one down after calm_intervals in a row whose largest wait was
// below it.
//
// Owner: one thread at a time; pure.
class OverloadLadder {
 public:
  struct Config {
    Duration interval = std::chrono::milliseconds(200);
    Duration wait_target = std::chrono::milliseconds(20);  // about one step's length and a half
    int calm_intervals = 10;
  };

  explicit OverloadLadder(const Config& config) : config_(config) {}

  // A step that was ready for `wait` starts now. `now` must not go backwards.
  void observe_wait(Duration wait, Time now);
  // Closes intervals that have passed without a step: an idle machine comes down too.
  void observe_time(Time now);

  OverloadLevel level() const { return level_; }
  // How often the level was entered from below.
  std::uint64_t times_reached(OverloadLevel level) const {
    return times_reached_[static_cast<std::size_t>(level)];
  }

 private:
  void close_interval();

  const Config config_;
  OverloadLevel level_ = OverloadLevel::kNone;
  Time interval_end_ = Time::min();  // min: none has begun
  Duration wait_min_ = Duration::max();
  Duration wait_max_ = Duration::zero();
  int calm_intervals_ = 0;
  std::array<std::uint64_t, kOverloadLevels> times_reached_{};
};

}  // namespace antiphon::pipeline
