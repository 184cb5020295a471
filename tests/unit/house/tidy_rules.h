#pragma once

#include <string>
#include <vector>

#include "tests/unit/house/repository_files.h"

namespace antiphon::house {

// What a file has against the house's rules that no other tool checks: length of lines and files, white
// space, notes to oneself, banned constructs. Each as "path:line: what to do instead".
std::vector<std::string> tidy_violations(const SourceFile& file);

}  // namespace antiphon::house
