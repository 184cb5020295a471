#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"

namespace antiphon::server {

// The settings that differ in a new reading of file and flags, by full name.
struct ConfigChanges {
  std::vector<std::string> at_once;        // safe to change while the server runs: log.level and [security]
  std::vector<std::string> after_restart;  // all others
};
ConfigChanges changes(Config before, Config after);

// Takes over what is safe and logs what changed and what waits for a restart; `running` is then what holds.
void take_over(const Config& fresh, Config* running);

}  // namespace antiphon::server
