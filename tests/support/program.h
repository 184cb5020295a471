#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace antiphon::test {

struct ProgramResult {
  int exit_code = -1;  // 128 + the signal's number if one ended it
  std::string out;
  std::string err;
};

// Runs a program as a shell would and waits for its end. `environment`: "NAME=value", added to this
// process's. Throws std::runtime_error if it can't be started.
ProgramResult run_program(const std::vector<std::string>& command, std::string_view input = "",
                          const std::vector<std::string>& environment = {});

}  // namespace antiphon::test
