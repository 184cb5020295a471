#include "tests/support/model_files.h"

#include <cstdlib>

namespace antiphon::test {
namespace {

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

}  // namespace

std::filesystem::path models_folder() {
  if (auto set = from_environment("ANTIPHON_MODELS"); !set.empty()) return set;
  if (auto cache = from_environment("XDG_CACHE_HOME"); !cache.empty()) return cache / "antiphon" / "models";
  return from_environment("HOME") / ".cache" / "antiphon" / "models";
}

std::filesystem::path shared_folder() {
  if (auto set = from_environment("ANTIPHON_SHARED"); !set.empty()) return set;
  const std::filesystem::path beside = std::filesystem::current_path().parent_path() / "shared";
  return std::filesystem::is_directory(beside) ? beside : std::filesystem::path();
}

}  // namespace antiphon::test
