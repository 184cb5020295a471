#include "models/catalogue/catalogue.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "models/catalogue/catalogue_text.h"

namespace antiphon::models {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, kJobs> kJobNames = {"voice activity", "end of turn", "recognition",
                                                           "language model", "synthesis",   "embedding"};
constexpr std::array<std::string_view, 2> kSetNames = {"small", "standard"};

[[noreturn]] void refuse(const std::string& what) {
  throw std::runtime_error("the model catalogue: " + what);
}

// An entry of the catalogue with its name for messages.
struct Entry {
  const Json& json;
  std::string name;

  const Json& field(const char* key) const {
    if (!json.is_object()) refuse(name + " is not an object");
    const auto found = json.find(key);
    if (found == json.end()) refuse(name + " lacks '" + key + "'");
    return *found;
  }

  std::string text(const char* key) const {
    const Json& value = field(key);
    if (!value.is_string()) refuse(name + ": '" + key + "' is not a text");
    return value.get<std::string>();
  }

  std::uint64_t bytes() const {
    const Json& value = field("bytes");
    if (!value.is_number_unsigned()) refuse(name + ": 'bytes' is not a size");
    return value.get<std::uint64_t>();
  }

  std::string sha256() const {
    std::string value = text("sha256");
    if (value.size() != 64 || value.find_first_not_of("0123456789abcdef") != std::string::npos) {
      refuse(name + ": 'sha256' is not 64 hexadecimal digits");
    }
    return value;
  }

  const Json& list(const char* key) const {
    const Json& value = field(key);
    if (!value.is_array() || value.empty()) refuse(name + ": '" + key + "' is not a list");
    return value;
  }
};

template <std::size_t N>
int index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

std::vector<ModelSet> sets_of(const Entry& entry) {
  std::vector<ModelSet> sets;
  for (const Json& value : entry.list("sets")) {
    const int set = value.is_string() ? index_of(kSetNames, value.get_ref<const std::string&>()) : -1;
    if (set < 0) refuse(entry.name + ": 'sets' names an unknown set");
    sets.push_back(static_cast<ModelSet>(set));
  }
  return sets;
}

CatalogueModel model_of(const Json& json) {
  CatalogueModel model;
  model.id = Entry{json, "a model"}.text("id");
  const Entry entry{json, "'" + model.id + "'"};
  const int job = index_of(kJobNames, entry.text("job"));
  if (job < 0) refuse(entry.name + ": 'job' is unknown");
  model.job = static_cast<Job>(job);
  model.network = entry.text("network");
  model.sets = sets_of(entry);
  model.licence = entry.text("licence");
  model.cost = entry.text("cost");
  model.origin = entry.text("origin");
  for (const Json& value : entry.list("packages")) {
    const Entry package{value, "a package of " + entry.name};
    model.packages.push_back({package.text("name"), package.text("version"), package.text("file"),
                              package.bytes(), package.sha256()});
  }
  for (const Json& value : entry.list("files")) {
    const Entry file{value, "a file of " + entry.name};
    model.files.push_back({file.text("name"), file.bytes(), file.sha256()});
  }
  return model;
}

template <typename Items>
std::uint64_t sum_of_bytes(const Items& items) {
  std::uint64_t sum = 0;
  for (const auto& item : items) sum += item.bytes;
  return sum;
}

}  // namespace

std::string_view name_of(Job job) {
  return kJobNames[static_cast<std::size_t>(job)];
}

std::string_view name_of(ModelSet set) {
  return kSetNames[static_cast<std::size_t>(set)];
}

ModelSet model_set(std::string_view name) {
  const int set = index_of(kSetNames, name);
  if (set < 0) {
    throw std::runtime_error("unknown model set '" + std::string(name) + "'; there are small and standard");
  }
  return static_cast<ModelSet>(set);
}

bool CatalogueModel::in(ModelSet set) const {
  return std::find(sets.begin(), sets.end(), set) != sets.end();
}

std::uint64_t CatalogueModel::bytes_installed() const {
  return sum_of_bytes(files);
}

std::uint64_t CatalogueModel::bytes_to_fetch() const {
  return sum_of_bytes(packages);
}

const Catalogue& Catalogue::built_in() {
  static const Catalogue catalogue(catalogue_text());
  return catalogue;
}

Catalogue::Catalogue(std::string_view json) {
  const Json document = Json::parse(json, nullptr, false);
  if (document.is_discarded()) refuse("is not JSON");
  for (const Json& value : Entry{document, "the file"}.list("models")) models_.push_back(model_of(value));
  for (const ModelSet set : {ModelSet::kSmall, ModelSet::kStandard}) {
    for (int job = 0; job < kJobs; ++job) {
      const auto fits = [&](const CatalogueModel& model) {
        return model.job == static_cast<Job>(job) && model.in(set);
      };
      if (std::count_if(models_.begin(), models_.end(), fits) != 1) {
        refuse("the set " + std::string(name_of(set)) + " needs one model for " +
               std::string(name_of(static_cast<Job>(job))));
      }
    }
  }
}

const CatalogueModel* Catalogue::find(std::string_view id) const {
  const auto found = std::find_if(models_.begin(), models_.end(),
                                  [&](const CatalogueModel& model) { return model.id == id; });
  return found == models_.end() ? nullptr : &*found;
}

const CatalogueModel& Catalogue::model(ModelSet set, Job job) const {
  const auto found = std::find_if(models_.begin(), models_.end(), [&](const CatalogueModel& model) {
    return model.job == job && model.in(set);
  });
  assert(found != models_.end());  // the constructor checked it
  return *found;
}

}  // namespace antiphon::models
