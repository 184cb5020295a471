#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "models/catalogue/catalogue.h"

namespace antiphon::models {

// Our folder in the user's cache: $XDG_CACHE_HOME/antiphon, else ~/.cache/antiphon. Empty if neither that nor
// $HOME is set.
std::filesystem::path cache_folder();

// Where the set-up puts the weights: $ANTIPHON_MODELS, else models/ in the cache folder; empty if there is
// none.
std::filesystem::path default_models_folder();

enum class Installed { kYes, kMissing, kDamaged };

// kSizes reads no file; kHashes reads them all (about 3 s for 1 GB).
enum class Check { kSizes, kHashes };

struct Installation {
  Installed state = Installed::kMissing;
  std::string problem;  // empty if installed; else one clause that names the file
};

// What of a model lies in `<models_folder>/<id>/`.
Installation check_installation(const CatalogueModel& model, const std::filesystem::path& models_folder,
                                Check check);

// The folders of a set's models.
class ResolvedModels {
 public:
  ResolvedModels(const Catalogue& catalogue, ModelSet set, std::filesystem::path models_folder);

  // Takes another model for its job than the set does. Throws std::runtime_error for an unknown id.
  void choose(std::string_view id);

  const CatalogueModel& model(Job job) const { return *models_[static_cast<std::size_t>(job)]; }

  // The folder of a job's model, all its files there (by size). Throws std::runtime_error that names the file
  // and says which ./run fetches it.
  std::filesystem::path folder(Job job) const;

 private:
  const Catalogue* catalogue_;
  std::filesystem::path models_folder_;
  std::array<const CatalogueModel*, kJobs> models_;
};

}  // namespace antiphon::models
