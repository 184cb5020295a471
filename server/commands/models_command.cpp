#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/installation.h"
#include "server/commands/commands.h"
#include "server/console/model_table.h"

namespace antiphon::server {
namespace {

constexpr const char* kFooter = R"(
Exit code: 0; with --verify 1 if a model is missing or damaged; 2 wrong use.

Examples:
  antiphon models
  antiphon models --verify
  antiphon models --json | jq -r '.[] | select(.state != "installed") | .id')";

struct ModelsOptions {
  bool verify = false;
  bool json = false;
};

void list_models(const ModelsOptions& options) {
  std::vector<ModelRow> rows;
  const auto check = options.verify ? models::Check::kHashes : models::Check::kSizes;
  for (const auto& model : models::Catalogue::built_in().models()) {
    rows.push_back({&model, models::check_installation(model, models::default_models_folder(), check)});
  }
  options.json ? print_model_json(rows, std::cout) : print_model_table(rows, std::cout);
  const bool whole = std::ranges::all_of(
      rows, [](const ModelRow& row) { return row.found.state == models::Installed::kYes; });
  if (options.verify && !whole) throw CLI::RuntimeError(1);
}

}  // namespace

void add_models_command(CLI::App& app) {
  const auto options = std::make_shared<ModelsOptions>();
  CLI::App* command = app.add_subcommand("models", "List the models and what is installed");
  command->add_flag("--verify", options->verify, "Read every file and compare its SHA-256 (some seconds)");
  command->add_flag("--json", options->json, "A JSON array instead of a table");
  command->footer(kFooter);
  command->callback([options] { list_models(*options); });
}

}  // namespace antiphon::server
