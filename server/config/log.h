#pragma once

#include "server/config/config.h"

namespace antiphon::server {

// Makes the process's log: to standard error, a line per event, "what happened: key=value ...". Call once,
// before any thread logs. Nothing on the frame path logs, and no line holds a secret or what was said.
void start_log(const LogConfig& config);

// Writes every setting once, at level info.
void log_config(const Config& config);

}  // namespace antiphon::server
