#include "tests/unit/house/include_rules.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string_view>

namespace antiphon::house {
namespace {

// `place` is a folder ("models/"), a file, or a folder's own files without those of its subfolders
// ("models/*").
bool lies_in(std::string_view path, std::string_view place) {
  if (place.ends_with("/*")) {
    place.remove_suffix(1);
    return path.starts_with(place) && path.find('/', place.size()) == std::string_view::npos;
  }
  return place.ends_with("/") ? path.starts_with(place) : path == place;
}

bool lies_in_any(std::string_view path, const std::vector<std::string_view>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](std::string_view place) { return lies_in(path, place); });
}

struct Arrow {
  std::string_view from;
  std::vector<std::string_view> to;  // what it may include
};

const std::vector<std::string_view> kEverything = {"server/", "pipeline/", "audio/", "models/",
                                                   "context_store/"};

// The first arrow whose `from` fits counts. The composition root and the commands build concrete networks.
const std::vector<Arrow> kArrows = {
    {"server/main.cpp", kEverything},
    {"server/commands/", kEverything},
    {"server/", {"server/", "pipeline/", "audio/", "models/*", "models/catalogue/", "context_store/*"}},
    // Text and sampling are pure and free of torch, so sessions use them without an interface in between.
    {"pipeline/", {"pipeline/", "audio/", "models/*", "models/text/", "models/decoding/", "context_store/*"}},
    {"audio/", {"audio/"}},
    {"models/torch/", {"models/"}},
    {"models/",
     {"models/*", "models/catalogue/", "models/decoding/", "models/kernels/", "models/native/",
      "models/stand_ins/", "models/synthesis/", "models/text/", "models/weights/"}},
    {"context_store/", {"context_store/"}},
    {"tests/", {"server/", "pipeline/", "audio/", "models/", "context_store/", "tests/"}},
};

struct Library {
  std::string_view header;  // a file, or a folder of the library's headers
  std::vector<std::string_view> allowed;
};

const std::vector<Library> kLibraries = {
    {"ATen/", {"models/torch/"}},
    {"c10/", {"models/torch/"}},
    {"torch/", {"models/torch/"}},
    {"boost/", {"server/", "tests/"}},
    {"openssl/", {"server/", "tests/"}},
    {"alsa/", {"server/talk/"}},
    {"portaudio.h", {"server/talk/"}},
    {"toml++/", {"server/"}},
    {"CLI/", {"server/", "tests/"}},
    {"concurrentqueue/", {"pipeline/runtime/*"}},
    {"concurrentqueue.h", {"pipeline/runtime/*"}},
    {"lmdb.h", {"context_store/"}},
    {"xxhash.h", {"context_store/"}},
    {"libstemmer.h", {"context_store/"}},
    {"opus/", {"audio/", "tests/"}},
    {"opus.h", {"audio/", "tests/"}},
    {"speex/", {"audio/"}},
    {"pcre2.h", {"models/text/"}},
    {"nlohmann/", {"models/", "tests/"}},
    {"spdlog/", {"server/", "pipeline/", "tests/"}},
    {"prometheus/", {"server/", "pipeline/metrics/", "pipeline/metrics.h", "pipeline/metrics.cpp", "tests/"}},
    {"gtest/", {"tests/"}},
    {"gmock/", {"tests/"}},
    {"benchmark/", {"tests/"}},
    {"sndfile.h", {"audio/", "tests/"}},
};

struct Include {
  std::string target;
  bool quoted;
};

std::optional<Include> include_of(std::string line) {
  line.erase(std::remove_if(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t'; }),
             line.end());
  constexpr std::string_view kDirective = "#include";
  if (!line.starts_with(kDirective) || line.size() <= kDirective.size()) return std::nullopt;
  const char open = line[kDirective.size()];
  if (open != '"' && open != '<') return std::nullopt;
  const std::size_t begin = kDirective.size() + 1;
  return Include{line.substr(begin, line.find(open == '"' ? '"' : '>', begin) - begin), open == '"'};
}

std::string own_include_fault(const std::string& path, const std::string& target) {
  for (const Arrow& arrow : kArrows) {
    if (!lies_in(path, arrow.from)) continue;
    if (lies_in_any(target, arrow.to)) return "";
    return std::string(arrow.from) + " may not include \"" + target + "\"";
  }
  return "no arrow starts here: add the folder to kArrows";
}

std::string library_fault(const std::string& path, const std::string& target) {
  for (const Library& library : kLibraries) {
    if (!lies_in(target, library.header)) continue;
    if (!lies_in_any(path, library.allowed)) return "<" + target + "> is not for this folder";
    const bool json_in_header =
        library.header == "nlohmann/" && path.starts_with("models/") && is_header(path);
    return json_in_header ? "<" + target + "> belongs in a .cpp file" : "";
  }
  return "";
}

}  // namespace

std::vector<std::string> include_violations(const SourceFile& file) {
  std::vector<std::string> violations;
  if (!is_cpp(file.path)) return violations;
  std::istringstream lines(file.text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const std::optional<Include> include = include_of(line);
    if (!include) continue;
    const std::string fault = include->quoted ? own_include_fault(file.path, include->target)
                                              : library_fault(file.path, include->target);
    if (!fault.empty()) violations.push_back(file.path + ":" + std::to_string(number) + ": " + fault);
  }
  return violations;
}

}  // namespace antiphon::house
