// The project's own text files, for the tests that read the source.
#pragma once

#include <string>
#include <vector>

namespace antiphon::house {

struct SourceFile {
  std::string path;  // from the repository's root, with '/'
  std::string text;
};

// Every C++, CMake, shell and Python file below the rooms, scripts/ and cmake/, and those at the root;
// without tests/data. Sorted by path. The tests run from the repository's root.
std::vector<SourceFile> repository_files();

bool is_cpp(const std::string& path);
bool is_header(const std::string& path);

}  // namespace antiphon::house
