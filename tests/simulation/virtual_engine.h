#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "pipeline/engine/engine_core.h"
#include "tests/simulation/dice.h"

namespace antiphon::simulation {

using pipeline::Duration;
using pipeline::Time;

// How fast the threads are.
struct Speeds {
  std::array<Duration, pipeline::kTaskKinds> step{};  // of a compute lane, by TaskKind
  Duration voice_pass{};
  Duration media_wake{};    // from the bell or the tick's time to the media worker's run
  double stall_chance = 0;  // of each wake and step
  Duration stall_max{};
};

// An EngineCore with its threads in virtual time: each sleeps at its bell, wakes a little late, works as long
// as Speeds says, and sometimes stalls. What else happens (clients) is put in with at().
class VirtualEngine {
 public:
  VirtualEngine(const pipeline::Networks& networks, const pipeline::EngineConfig& config,
                const Speeds& speeds, Dice* dice);

  pipeline::EngineCore& core() { return core_; }
  Time now() const { return now_; }

  void at(Time time, std::function<void()> event);
  void in(Duration duration, std::function<void()> event) { at(now_ + duration, std::move(event)); }

  // Goes on to the next event. False: there is none, nothing will ever happen again.
  bool step();

 private:
  struct Lane {
    std::optional<pipeline::ComputeExecutor::Work> work;
    bool ran = false;  // its outcome came at the step's beginning
    Time end;
  };

  Duration late(Duration usual);
  void answer_bells();
  void run_due();
  void start_step(Lane& lane);
  void end_step(Lane& lane);
  std::optional<Time> media_due() const;

  const Speeds speeds_;
  Dice* const dice_;
  Time now_{};
  pipeline::EngineCore core_;
  std::multimap<Time, std::function<void()>> events_;
  std::optional<Time> media_wake_;  // from its bell
  std::optional<Time> tick_;        // the next one
  Time tick_wake_{};                // when the worker gets to it
  std::optional<Time> voice_end_;
  std::optional<Time> overload_look_;
  std::vector<Lane> lanes_;
};

}  // namespace antiphon::simulation
