#include "server/commands/model_choice.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <stdexcept>
#include <vector>

#include "models/catalogue/catalogue.h"

namespace antiphon::server {
namespace {

std::string option_of(models::Job job) {
  std::string name = "--" + std::string(models::name_of(job));
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string ids_of(models::Job job) {
  std::string ids;
  for (const auto& model : models::Catalogue::built_in().models()) {
    if (model.job == job) ids += (ids.empty() ? "" : ", ") + model.id;
  }
  return ids;
}

bool is_file_name(models::Job job, const std::string& value) {
  return job == models::Job::kLanguageModel &&
         (value.ends_with(".gguf") || value.find('/') != std::string::npos || std::filesystem::exists(value));
}

}  // namespace

void ModelChoice::declare(CLI::App& command, std::initializer_list<models::Job> jobs, Sets sets) {
  std::vector<std::string> names = {"standard", "small"};
  std::string help = "Set of models: standard (speaks and hears best) or small (fast)";
  if (sets == Sets::kRealAndFake) {
    names.emplace_back("fake");
    help += ", or fake: no networks at all, to measure the server itself";
  }
  command.add_option("--models", set_, help)
      ->check(CLI::IsMember(names))
      ->capture_default_str()
      ->group("Models");
  for (const models::Job job : jobs) {
    const bool takes_file = job == models::Job::kLanguageModel;
    command
        .add_option(option_of(job) + (takes_file ? ",--model" : ""), own_[job],
                    "Instead of the set's: " + ids_of(job) +
                        (takes_file ? ", or your own: a GGUF file, or a folder with config.json, "
                                      "model.safetensors and tokenizer.json"
                                    : ""))
        ->type_name(takes_file ? "ID|FILE.gguf|FOLDER" : "ID")
        ->group("Models");
  }
}

models::ResolvedModels ModelChoice::resolve() const {
  const models::Catalogue& catalogue = models::Catalogue::built_in();
  models::ResolvedModels resolved(catalogue, models::model_set(set_), models::default_models_folder());
  for (const auto& [job, id] : own_) {
    if (id.empty() || is_file_name(job, id)) continue;
    const models::CatalogueModel* model = catalogue.find(id);
    if (model == nullptr || model->job != job) {
      throw std::runtime_error(option_of(job) + ": '" + id + "' is none of: " + ids_of(job));
    }
    resolved.choose(id);
  }
  return resolved;
}

std::filesystem::path ModelChoice::language_model_file() const {
  constexpr auto kJob = models::Job::kLanguageModel;
  const auto own = own_.find(kJob);
  if (own == own_.end() || !is_file_name(kJob, own->second)) return resolve().folder(kJob) / "model.gguf";
  if (std::filesystem::is_directory(own->second)) {
    if (std::filesystem::is_regular_file(own->second + "/config.json")) return own->second;
    throw std::runtime_error(option_of(kJob) + ": there is no config.json in '" + own->second + "'");
  }
  if (!std::filesystem::is_regular_file(own->second)) {
    throw std::runtime_error(option_of(kJob) + ": there is no file '" + own->second + "'");
  }
  return own->second;
}

}  // namespace antiphon::server
