#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/engine/engine_core.h"
#include "tests/simulation/virtual_client.h"

namespace antiphon::simulation {

struct Scenario {
  pipeline::EngineConfig engine;
  int context_tokens_max = 600;
  Speeds speeds;
  std::vector<ClientPlan> clients;
  std::optional<Duration> drains;  // so long after the beginning
  int reply_tokens_max = 60;
  double failure_chance = 0;  // of the networks' work, before and after it
  Time fails_until{};
  struct FullLanes {
    Time from{};
    Time to{};
  };
  std::optional<FullLanes> full_lanes;
};

// Each seed has a theme (its remainder): barge-in at every moment, wrong ends, push to talk, bursts, slow
// readers, lost connections, a client that asks for everything, more clients than seats, drain, expiry, the
// client's functions, responses outside the conversation, lanes that refuse, networks that fail.
inline constexpr int kThemes = 14;
Scenario scenario_of(std::uint64_t seed, Dice* dice);

}  // namespace antiphon::simulation
