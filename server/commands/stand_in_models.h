#pragma once

#include <string>
#include <vector>

#include "models/stand_ins/step_times.h"
#include "server/commands/loaded_models.h"

namespace antiphon::server {

// The stand-ins' step times from "KIND=US" pieces: voice, turn, encode, decode, language, synthesis; those
// not named take no time. Throws std::runtime_error that names the piece.
models::stand_ins::StepTimes step_times(const std::vector<std::string>& pieces);

// Stand-ins for all networks of a conversation (models/stand_ins/), ready at once.
LoadedModels stand_in_models(int slots, const models::stand_ins::StepTimes& times);

}  // namespace antiphon::server
