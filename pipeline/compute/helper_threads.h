#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "models/work_sharing.h"
#include "pipeline/compute/lane_sharing.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/thread_role.h"

namespace antiphon::pipeline {

// Threads that help with the steps of another thread and do nothing else: for a program that runs a network
// without an engine.
//
// Owner: one thread; nobody uses sharing() any more when the destructor begins.
// Time:  without shared steps the threads sleep.
class HelperThreads {
 public:
  explicit HelperThreads(int threads);
  ~HelperThreads();

  models::WorkSharing& sharing() { return sharing_; }

 private:
  void loop();

  Doorbell bell_;
  LaneSharing sharing_;
  std::atomic<std::uint32_t> stopping_ = 0;
  std::vector<RoleThread> threads_;
};

}  // namespace antiphon::pipeline
