// What the networks' work costs on this machine, measured once for each set of models and kept in a file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pipeline/engine/networks.h"
#include "pipeline/engine/session_rating.h"

namespace antiphon::server {

// Runs each network a few times on the calling thread; about a second with the small models, a few with the
// standard ones. Uses slot 0 and leaves it empty.
// REQUIRES: warmed up, and nobody else uses them.
pipeline::WorkCosts measured_costs(const pipeline::Networks& networks);

// The processors, the kernels' variant and the models: what the costs depend on, as one line.
std::string calibration_subject(const std::string& models);

// $XDG_CACHE_HOME/antiphon/calibration.json, or in ~/.cache; empty if neither is set.
std::filesystem::path calibration_file();

// None: not measured yet, or the file can't be read.
std::optional<pipeline::WorkCosts> kept_costs(const std::filesystem::path& file, const std::string& subject);
// Beside those of other subjects. False: the file could not be written.
bool keep_costs(const std::filesystem::path& file, const std::string& subject,
                const pipeline::WorkCosts& costs);

}  // namespace antiphon::server
