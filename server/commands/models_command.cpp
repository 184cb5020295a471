#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/installation.h"
#include "server/commands/commands.h"

namespace antiphon::server {
namespace {

void list_models() {
  for (const auto& model : models::Catalogue::built_in().models()) {
    const models::Installation found =
        models::check_installation(model, models::default_models_folder(), models::Check::kSizes);
    const bool installed = found.state == models::Installed::kYes;
    std::printf("%-30s %-16s %s\n", model.id.c_str(), std::string(models::name_of(model.job)).c_str(),
                installed ? "installed" : found.problem.c_str());
  }
}

}  // namespace

void add_models_command(CLI::App& app) {
  app.add_subcommand("models", "List the models and what is installed")->callback(list_models);
}

}  // namespace antiphon::server
