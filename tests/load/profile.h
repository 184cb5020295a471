// What a run does: phases with the population of each.
#pragma once

#include <string>
#include <vector>

#include "tests/load/crew.h"

namespace antiphon::load {

struct Phase {
  std::string name;
  Population population;
  double seconds = 30;
  double settle_seconds = 3;  // before it, uncounted: connections come and go
};

struct ProfileOptions {
  std::string profile = "steady";
  int sessions = 10;           // ramp: the most
  int sessions_step = 0;       // ramp: 0: a tenth
  double seconds = 30;         // of each phase
  double settle_seconds = -1;  // before each; less than zero: as the profile has it
  double barge_in_share = 0.2;
};

// The names that phases_of() knows, with a line for each.
std::vector<std::pair<std::string, std::string>> profiles();

// Throws std::runtime_error for an unknown profile.
std::vector<Phase> phases_of(const ProfileOptions& options);
// The most connections at once.
int connections_of(const std::vector<Phase>& phases);

}  // namespace antiphon::load
