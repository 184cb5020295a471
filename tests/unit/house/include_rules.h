#pragma once

#include <string>
#include <vector>

#include "tests/unit/house/repository_files.h"

namespace antiphon::house {

// The forbidden includes of a C++ file, each as "path:line: why". The rules are the tables in
// include_rules.cpp.
std::vector<std::string> include_violations(const SourceFile& file);

}  // namespace antiphon::house
