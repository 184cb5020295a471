#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

inline constexpr Duration kTickPeriod = std::chrono::milliseconds(20);  // one frame

// Where in the period a session has its tick.
enum class Phase : std::uint8_t {};

// The absolute 20 ms grid of one media worker, with its sessions spread over the period so that their work
// does not bunch: tick n of phase p is due at origin + n * 20 ms + p * 2 ms, whatever happened before.
//
// The worker's loop: peek(), sleep until `due` (or until its doorbell rings), run the sessions of the phase,
// advance(). A worker that is late gets the ticks that it missed one after the other, without a gap; when it
// is more than kCatchUpMax late (the machine slept), advance() skips what is older and says how much.
//
// Owner:  one media worker; pure: it reads no clock.
// Memory: none.
class TickSchedule {
 public:
  static constexpr int kPhases = 10;
  static constexpr Duration kPhaseStep = kTickPeriod / kPhases;
  static constexpr Duration kCatchUpMax = std::chrono::milliseconds(200);

  struct Tick {
    Phase phase{};
    std::int64_t number = 0;  // periods since the origin
    Time due;
  };

  explicit TickSchedule(Time origin) : origin_(origin) {}

  // The phase with the fewest sessions; of several, one away from those that were filled before. The first
  // tick of a phase that was empty is due at or after `now`.
  Phase join(Time now);
  // REQUIRES: a join() gave this phase, and it was not left since.
  void leave(Phase phase);
  int sessions(Phase phase) const { return sessions_[static_cast<std::size_t>(phase)]; }

  // The next tick of a phase that has sessions; nothing if there is no session.
  std::optional<Tick> peek() const;
  // The tick that peek() gave is done. Returns how many ticks of phases with sessions were skipped.
  // REQUIRES: peek() gives one.
  int advance(Time now);

 private:
  // A step is one phase of one period.
  Time due_of(std::int64_t step) const { return origin_ + step * kPhaseStep; }
  std::int64_t first_step_from(Time now) const;
  // The first step >= `step` in which the phase has a tick.
  std::int64_t tick_of_phase(std::size_t phase, std::int64_t step) const;
  std::int64_t nearest_tick() const;

  const Time origin_;
  std::array<int, kPhases> sessions_{};
  std::array<std::int64_t, kPhases> first_step_{};  // of a phase with sessions: no tick before it
  int sessions_total_ = 0;
  std::int64_t step_ = 0;  // every earlier one is done
};

}  // namespace antiphon::pipeline
