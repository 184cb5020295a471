#pragma once

#include <memory>
#include <vector>

#include "pipeline/session/session_context.h"

namespace antiphon::pipeline {

// A session's tasks on the compute lanes: counts those in flight, and repeats cancels that were refused.
//
// Owner: one session, on its media worker.
class SessionTasks {
 public:
  explicit SessionTasks(const SessionContext& context) : context_(context) {}

  // False: the lanes have no room, and `task` is still the caller's.
  [[nodiscard]] bool submit(std::unique_ptr<ComputeTask>& task);
  // For a task that may be lost.
  [[nodiscard]] bool try_submit(std::unique_ptr<ComputeTask> task) { return submit(task); }
  void on_result() { --in_flight_; }
  int in_flight() const { return in_flight_; }

  // Ends all tasks of the generation; their results still come, without a value.
  void cancel(Generation generation);
  void pump();

 private:
  const SessionContext& context_;
  int in_flight_ = 0;
  std::vector<Generation> cancels_refused_;
};

}  // namespace antiphon::pipeline
