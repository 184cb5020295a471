#include "models/catalogue/installation.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "models/catalogue/sha256.h"

namespace antiphon::models {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

// Empty if the file can't be read to its end.
std::string sha256_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Sha256 digest;
  std::vector<char> block(kReadBytes);
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    digest.add(std::as_bytes(std::span(block).first(static_cast<std::size_t>(file.gcount()))));
  }
  return file.eof() ? digest.finish() : std::string();
}

Installation check_file(const ModelFile& file, const std::filesystem::path& path, Check check) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) {
    return {Installed::kMissing, "'" + path.string() + "' is missing"};
  }
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  if (error || bytes != file.bytes) {
    return {Installed::kDamaged, "'" + path.string() + "' has " + std::to_string(bytes) +
                                     " bytes instead of " + std::to_string(file.bytes)};
  }
  if (check == Check::kHashes && sha256_of(path) != file.sha256) {
    return {Installed::kDamaged, "'" + path.string() + "' is not the catalogue's file (SHA-256)"};
  }
  return {Installed::kYes, ""};
}

}  // namespace

std::filesystem::path cache_folder() {
  if (auto cache = from_environment("XDG_CACHE_HOME"); !cache.empty()) return cache / "antiphon";
  const auto home = from_environment("HOME");
  return home.empty() ? home : home / ".cache" / "antiphon";
}

std::filesystem::path default_models_folder() {
  if (auto set = from_environment("ANTIPHON_MODELS"); !set.empty()) return set;
  const auto cache = cache_folder();
  return cache.empty() ? cache : cache / "models";
}

Installation check_installation(const CatalogueModel& model, const std::filesystem::path& models_folder,
                                Check check) {
  for (const ModelFile& file : model.files) {
    Installation found = check_file(file, models_folder / model.id / file.name, check);
    if (found.state != Installed::kYes) return found;
  }
  return {Installed::kYes, ""};
}

ResolvedModels::ResolvedModels(const Catalogue& catalogue, ModelSet set, std::filesystem::path models_folder)
    : catalogue_(&catalogue), models_folder_(std::move(models_folder)) {
  for (std::size_t job = 0; job < models_.size(); ++job) {
    models_[job] = &catalogue.model(set, static_cast<Job>(job));
  }
}

void ResolvedModels::choose(std::string_view id) {
  const CatalogueModel* model = catalogue_->find(id);
  if (model == nullptr) throw std::runtime_error("unknown model '" + std::string(id) + "'");
  models_[static_cast<std::size_t>(model->job)] = model;
}

std::filesystem::path ResolvedModels::folder(Job job) const {
  const CatalogueModel& wanted = model(job);
  const Installation found = check_installation(wanted, models_folder_, Check::kSizes);
  if (found.state != Installed::kYes) {
    throw std::runtime_error("the " + std::string(name_of(job)) + " model " + wanted.id +
                             " is not installed: " + found.problem + "; ./run --models " +
                             std::string(name_of(wanted.sets.front())) + " fetches it");
  }
  return models_folder_ / wanted.id;
}

}  // namespace antiphon::models
