#pragma once

#include <string>

#include "pipeline/turns/turn_actions.h"

namespace antiphon::pipeline::turns {

// Actions in short, in their order: "stopped 2112; commit 340-2112; respond 1 speculated".
std::string as_text(const TurnAction& action);
std::string as_text(const TurnActions& actions);

}  // namespace antiphon::pipeline::turns
