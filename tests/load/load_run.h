#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <vector>

#include "tests/load/run_result.h"

namespace antiphon::load {

// Plays the phases of a run against a server, with a line of progress each second.
//
// Owner: the main thread.
class LoadRun {
 public:
  // `server_process`: whose /proc is read; 0: nobody's. `progress`: to standard error.
  LoadRun(const TalkerSettings& settings, std::vector<Phase> phases, int threads, std::uint64_t seed,
          pid_t server_process, bool progress);

  // Call once.
  void play(RunResult* result);

 private:
  void play_phase(int number, RunResult* result);
  void wait(double seconds, int number, RunResult* result);
  void sample(int number, RunResult* result);
  LoadFigures figures(int number) const;
  std::optional<int> sessions_left() const;
  int connected() const;
  double now_seconds() const;

  const TalkerSettings& settings_;
  const std::vector<Phase> phases_;
  const pid_t server_process_;
  const bool progress_;
  std::vector<std::unique_ptr<Crew>> crews_;
  Time begin_;
  double last_sample_ = 0;
  double last_cpu_ = 0;
  double last_tool_cpu_ = 0;
};

}  // namespace antiphon::load
