#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/runtime/thread_role.h"

namespace antiphon::pipeline {

// The threads that run the steps of a ComputeExecutor, at a lower priority than the media workers.
//
// Owner:    the engine; starts in the constructor, stops in the destructor after the steps that run.
// Time:     an idle lane helps with a step that another lane shares; without one it sleeps at the executor's
//           bell and costs nothing.
// Lifetime: the executor outlives it.
class ComputeLanes {
 public:
  // As many as the executor is configured for.
  explicit ComputeLanes(ComputeExecutor* executor);
  ~ComputeLanes();

  // What the system refused to the lanes, one sentence, or empty. Call once.
  std::string shortfall();

 private:
  void run_lane(int lane);
  void wait_for_work();

  ComputeExecutor* const executor_;
  std::atomic<bool> stopping_ = false;
  std::vector<RoleThread> threads_;
};

}  // namespace antiphon::pipeline
