#include "tests/unit/house/repository_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

namespace antiphon::house {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 11> kFolders = {"server",        "pipeline", "audio", "models",
                                                       "context_store", "tests",    "cmake", "scripts",
                                                       "web_demo",      ".ci",      "."};
constexpr std::array<std::string_view, 12> kEndings = {".cpp", ".h",  ".inc", ".in",  ".cmake", ".txt",
                                                       ".sh",  ".py", ".js",  ".mjs", ".css",   ".html"};

bool is_ours(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name == "run" || name == "check") return true;
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); });
}

SourceFile read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {path.lexically_normal().generic_string(), {std::istreambuf_iterator<char>(file), {}}};
}

}  // namespace

std::vector<SourceFile> repository_files() {
  std::vector<SourceFile> files;
  for (const std::string_view folder : kFolders) {
    if (!fs::is_directory(folder)) continue;
    for (auto at = fs::recursive_directory_iterator(folder); at != fs::recursive_directory_iterator(); ++at) {
      if (at->is_directory() && (folder == "." || at->path() == fs::path("tests/data"))) {
        at.disable_recursion_pending();
      } else if (at->is_regular_file() && is_ours(at->path())) {
        files.push_back(read(at->path()));
      }
    }
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& left, const SourceFile& right) { return left.path < right.path; });
  return files;
}

bool is_cpp(const std::string& path) {
  return path.ends_with(".cpp") || path.ends_with(".inc") || path.ends_with(".in") || is_header(path);
}

bool is_header(const std::string& path) {
  return path.ends_with(".h");
}

}  // namespace antiphon::house
