#include "pipeline/runtime/doorbell.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>

namespace antiphon::pipeline {
namespace {

// The kernel sleeps only while the word is 0, and compares it after it has queued the sleeper. An absolute
// time counts on CLOCK_MONOTONIC.
long futex_wait(std::atomic<std::uint32_t>& word, const timespec* time) {
  return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0U, time, nullptr, FUTEX_BITSET_MATCH_ANY);
}

void futex_wake_one(std::atomic<std::uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

timespec to_timespec(Time time) {
  const Duration since = std::max(time.time_since_epoch(), Duration::zero());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  return {seconds.count(), std::chrono::nanoseconds(since - seconds).count()};
}

}  // namespace

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t), "the kernel reads the word");

void Doorbell::ring() noexcept {
  // An exchange, not a store, so that a wait that takes two rings has synchronised with both ringers.
  // Sequentially consistent with the pair in sleep_until_rung(): of "rung, then look for sleepers" and "count
  // as a sleeper, then look for a ring" at least one sees the other.
  if (rung_.exchange(1, std::memory_order_seq_cst) != 0) return;  // whoever rang first wakes
  if (sleepers_.load(std::memory_order_seq_cst) > 0) futex_wake_one(rung_);
}

void Doorbell::wait() noexcept {
  sleep_until_rung(nullptr);
}

bool Doorbell::wait_until(Time time) noexcept {
  return sleep_until_rung(&time);
}

bool Doorbell::try_take() noexcept {
  if (rung_.load(std::memory_order_relaxed) == 0) return false;  // the exchange below orders; this saves it
  return rung_.exchange(0, std::memory_order_acquire) != 0;
}

bool Doorbell::sleep_until_rung(const Time* time) noexcept {
  timespec until{};
  if (time != nullptr) until = to_timespec(*time);
  for (;;) {
    if (try_take()) return true;
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    const long result = futex_wait(rung_, time != nullptr ? &until : nullptr);
    const bool timed_out = result == -1 && errno == ETIMEDOUT;
    sleepers_.fetch_sub(1,
                        std::memory_order_relaxed);  // too many sleepers counted cost a system call, no more
    if (timed_out) return try_take();
  }
}

}  // namespace antiphon::pipeline
