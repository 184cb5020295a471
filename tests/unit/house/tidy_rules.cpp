#include "tests/unit/house/tidy_rules.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <string_view>

#include "tests/unit/house/source_text.h"

namespace antiphon::house {
namespace {

constexpr std::size_t kColumnsMax = 110;
constexpr std::size_t kLinesMax = 500;

enum class Where { kCpp, kHeaders, kLeafRooms };

struct Ban {
  std::string_view construct;
  Where where;
  std::vector<std::string_view> except;  // folders
  std::string_view instead;
};

const std::vector<Ban> kBans = {
    {"#define NDEBUG", Where::kCpp, {}, "asserts stay on"},
    {"using namespace", Where::kHeaders, {}, "name what is used"},
    {"std::cout", Where::kCpp, {"server/", "tests/"}, "return data; the commands print"},
    {"std::cerr", Where::kCpp, {"server/", "tests/"}, "return an error or throw at start-up"},
    {"printf(", Where::kCpp, {"server/", "tests/"}, "return data; the commands print"},
    {"std::endl", Where::kCpp, {}, "'\\n'"},
    {"sprintf(", Where::kCpp, {}, "std::to_chars or std::string"},
    {"strcpy(", Where::kCpp, {}, "std::string or std::span"},
    {"atoi(", Where::kCpp, {}, "std::from_chars"},
    {"atof(", Where::kCpp, {}, "std::from_chars"},
    {"rand(", Where::kCpp, {}, "a seeded generator that is passed in"},
    {"std::regex", Where::kCpp, {}, "PCRE2 or a hand-written scan: std::regex recurses"},
    {"volatile", Where::kCpp, {"tests/"}, "std::atomic"},
    {"std::exit(", Where::kCpp, {"server/main.cpp"}, "an exception to main"},
    {"std::thread", Where::kLeafRooms, {}, "the pipeline owns all threads"},
    {"std::jthread", Where::kLeafRooms, {}, "the pipeline owns all threads"},
    {"std::async", Where::kLeafRooms, {}, "the pipeline owns all threads"},
    {"_clock::now", Where::kLeafRooms, {}, "`now` is an argument"},
    {"sleep_for", Where::kLeafRooms, {}, "a leaf room never waits"},
};

bool begins_with_any(std::string_view path, const std::vector<std::string_view>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](std::string_view place) { return path.starts_with(place); });
}

bool applies(const Ban& ban, const std::string& path) {
  if (!is_cpp(path) || begins_with_any(path, ban.except)) return false;
  if (ban.where == Where::kHeaders) return is_header(path);
  return ban.where == Where::kCpp || begins_with_any(path, {"audio/", "models/", "context_store/"});
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// As a whole word where it begins with a letter: strand( is not rand(, fprintf( counts only as itself.
bool contains_construct(const std::string& line, std::string_view construct) {
  for (std::size_t at = line.find(construct); at != std::string::npos; at = line.find(construct, at + 1)) {
    const bool word_before = at > 0 && construct.front() != '_' && is_word(line[at - 1]);
    const std::size_t end = at + construct.size();
    const bool word_after = end < line.size() && is_word(construct.back()) && is_word(line[end]);
    if (!word_before && !word_after) return true;
  }
  return false;
}

// In characters, not in bytes.
std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(
      line.begin(), line.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Spelled in two parts, so that this file passes its own test.
bool is_note_to_oneself(const std::string& line) {
  return contains_construct(line, std::string("TO") + "DO") ||
         contains_construct(line, std::string("FIX") + "ME");
}

}  // namespace

std::vector<std::string> tidy_violations(const SourceFile& file) {
  std::vector<std::string> violations;
  std::size_t number = 0;
  const auto report = [&](std::string_view what) {
    violations.push_back(file.path + ":" + std::to_string(number) + ": " + std::string(what));
  };
  std::istringstream lines(file.text);
  std::istringstream code_lines(is_cpp(file.path) ? code_only(file.text) : std::string());
  std::string line;
  std::string code;
  while (std::getline(lines, line)) {
    ++number;
    if (columns(line) > kColumnsMax) report("break the line: at most 110 columns");
    if (line.find('\t') != std::string::npos) report("spaces instead of a tab");
    if (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
      report("remove the white space at the end");
    if (is_note_to_oneself(line)) report("do it, or open an issue");
    if (!std::getline(code_lines, code)) code.clear();
    for (const Ban& ban : kBans) {
      if (applies(ban, file.path) && contains_construct(code, ban.construct)) {
        report("instead of `" + std::string(ban.construct) + "`: " + std::string(ban.instead));
      }
    }
  }
  if (number > kLinesMax) report("split the file: at most 500 lines");
  if (!file.text.empty() && file.text.back() != '\n') report("end the last line");
  return violations;
}

}  // namespace antiphon::house
