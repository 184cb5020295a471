#pragma once

#include <atomic>
#include <cstdint>

#include "pipeline/runtime/cache_line.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// Wakes a thread that waits for work: push into its queue, then ring.
//
// A ring is remembered until one wait takes it, so none is lost between "the queue is empty" and the wait;
// several rings may count as one. What the ringer wrote before ring() is visible after the wait that took it.
// With several waiters a ring wakes one of them; whoever finds more work than it takes rings again.
//
// Owner:  any thread may ring and wait.
// Time:   waits sleep in the kernel (a futex with an absolute time): no polling, no timer slack of ours.
//         ring() is two atomic operations, and one system call only if somebody sleeps.
// Memory: none.
class Doorbell {
 public:
  void ring() noexcept;
  void wait() noexcept;
  // False: the time came first. A remembered ring is taken even if the time has passed.
  [[nodiscard]] bool wait_until(Time time) noexcept;
  // Takes a ring if there is one.
  [[nodiscard]] bool try_take() noexcept;

 private:
  bool sleep_until_rung(const Time* time) noexcept;

  alignas(kCacheLineBytes) std::atomic<std::uint32_t> rung_ = 0;
  std::atomic<std::uint32_t> sleepers_ = 0;
};

}  // namespace antiphon::pipeline
