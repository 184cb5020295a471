#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/virtual_client.h"

namespace antiphon::simulation {

// What one run came to.
struct Outcome {
  std::vector<std::string> faults;
  Duration virtual_time{};
  int events = 0;
  int sessions = 0;
  int responses = 0;
  int interruptions = 0;
  int sessions_refused = 0;
  int side_responses = 0;
  int failures = 0;  // of responses
  int calls = 0;     // of the clients' functions
  std::uint64_t tasks_refused = 0;
  std::uint64_t events_lost = 0;  // of clients that read too slowly
};

// Some sessions of one engine, with fake networks and clients, in virtual time: everything that happens
// follows from the seed.
Outcome simulate(std::uint64_t seed, Sabotage sabotage = Sabotage::kNone);

}  // namespace antiphon::simulation
