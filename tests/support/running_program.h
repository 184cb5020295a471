#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace antiphon::test {

// A program that runs beside the test; killed by the destructor if it still does. What it writes, to either
// output, is in output().
class RunningProgram {
 public:
  // Throws std::runtime_error if it can't be started.
  explicit RunningProgram(const std::vector<std::string>& command);
  ~RunningProgram();
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  std::string output() const;
  // The word behind `before` in its output, once there is one. Throws std::runtime_error with the output if
  // the program ends first, or after a minute.
  std::string word_after(std::string_view before);
  // Sends the signal and waits for its end.
  void end_by(int signal);

 private:
  bool ended();

  const TemporaryFolder folder_;
  pid_t process_ = 0;  // 0: it has ended
};

}  // namespace antiphon::test
