#include "server/commands/model_choice.h"

#include <CLI/CLI.hpp>

#include "models/catalogue/catalogue.h"

namespace antiphon::server {

void ModelChoice::declare(CLI::App& command) {
  command.add_option("--models", set_, "Model set: standard or small")
      ->check(CLI::IsMember({"standard", "small"}))
      ->capture_default_str();
}

models::ResolvedModels ModelChoice::resolve() const {
  return {models::Catalogue::built_in(), models::model_set(set_), models::default_models_folder()};
}

}  // namespace antiphon::server
