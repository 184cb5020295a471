#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "context_store/context_store.h"
#include "pipeline/jobs/job_seat.h"

namespace antiphon::pipeline {

// A piece of work on the store that a request of HTTP asks for: to show some of the graph, to recall, to
// forget.
//
// Owner: shared by the request and the store's thread, which calls `work` once, then sets `done` and rings
//        the bell. What `work` writes is the request's to read after that.
struct MemoryErrand {
  std::function<void(context_store::ContextStore& store, context_store::Timestamp now)> work;
  std::shared_ptr<JobBell> bell;
  bool forgets = false;  // what it forgets is taken from the disk too, a little later
  std::atomic<bool> done = false;
};

}  // namespace antiphon::pipeline
