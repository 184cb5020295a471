// What each thread of the process is, as far as the operating system is concerned.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <string>
#include <thread>

namespace antiphon::pipeline {

enum class ThreadRole : std::uint8_t { kMediaWorker, kRealtimeLane, kComputeLane, kStore, kIo };

struct RoleStatus {
  bool priority_set =
      true;  // false: the system did not allow the role's priority, the thread runs with its default
  std::string shortfall;  // then: one sentence for the operator, else empty
};

// Gives the calling thread its role: a name ("media-0"), and
//   media worker, realtime lane   SCHED_FIFO (10 and 9) and a timer slack of 1 ns
//   io, compute lane              nice -10 and +5
//   store                         the default
// A thread that is refused a priority works all the same, less predictably.
RoleStatus take_role(ThreadRole role, int number);

// Locks the process's pages in memory as they are first used, so that no page fault waits for a disk. Does
// nothing, and says so, unless the process may lock without limit: a limit would make later allocations fail.
// Call once at start. Returns an empty text, or one sentence about what falls short.
std::string lock_memory();

// A thread with a role, joined by its destructor; the owner has made its body return before.
//
// Owner: one thread; the body runs on the new one.
class RoleThread {
 public:
  RoleThread(ThreadRole role, int number, std::function<void()> body);

  // Waits until the new thread has taken its role. Call once.
  RoleStatus status() { return status_.get(); }

 private:
  std::future<RoleStatus> status_;
  std::jthread thread_;
};

}  // namespace antiphon::pipeline
