#pragma once

#include <optional>
#include <string>

#include "pipeline/engine/media_loop.h"
#include "pipeline/runtime/thread_role.h"

namespace antiphon::pipeline {

// The thread that runs a MediaLoop: woken by its bell or by the next tick's time, else asleep.
//
// Owner:    the engine.
// Lifetime: the loop outlives it. The destructor closes the loop's sessions and waits until the lanes have
//           let go of them; so the lanes outlive it.
class MediaWorker {
 public:
  MediaWorker(int number, MediaLoop* loop);
  ~MediaWorker();

  // What the system refused to the thread, one sentence, or empty. Call once.
  std::string shortfall() { return thread_.status().shortfall; }

 private:
  void run();
  bool wait(std::optional<Time> tick);

  MediaLoop* const loop_;
  bool rung_ = false;  // its thread's: the last run() was asked for
  RoleThread thread_;  // last: it uses all of the above
};

}  // namespace antiphon::pipeline
