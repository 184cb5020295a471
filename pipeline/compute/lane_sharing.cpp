#include "pipeline/compute/lane_sharing.h"

#include <thread>

namespace antiphon::pipeline {
namespace {

// About 0.1 ms: longer than what a step does alone between two offers, and than from one step to the next.
constexpr int kIdleSpins = 3000;
constexpr int kFirstSpins = 10;  // of a lane that has not helped yet: the next offer calls it
constexpr int kWaitSpins = 3000;

constexpr std::uint64_t kNextOffer = std::uint64_t{1} << 32;
constexpr std::uint64_t kPartsMask = kNextOffer - 1;

void spin() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

void LaneSharing::run_parts(int parts, Part run_part, const void* work) {
  if (parts <= 1 || lanes_ == 1 || offering_.exchange(true, std::memory_order_acquire)) {
    for (int part = 0; part < parts; ++part) run_part(work, part);
    return;
  }
  run_part_.store(run_part, std::memory_order_relaxed);
  work_.store(work, std::memory_order_relaxed);
  done_.store(0, std::memory_order_relaxed);
  const std::uint64_t last = offer_.load(std::memory_order_relaxed) & ~kPartsMask;
  // Release: whoever takes a part sees what the offer is about, and the inputs of the work.
  offer_.store(last + kNextOffer + static_cast<std::uint64_t>(parts), std::memory_order_release);
  if (helpers_.load(std::memory_order_relaxed) < lanes_ - 1) bell_->ring();
  while (take_part()) {
  }
  for (int spins = 0; done_.load(std::memory_order_acquire) < parts; ++spins) {
    spins < kWaitSpins ? spin() : std::this_thread::yield();
  }
  offering_.store(false, std::memory_order_release);
}

// What an offer is about stays as it is until all of its parts are done. So if a part could be taken after it
// was read, it was that offer's.
bool LaneSharing::take_part() {
  std::uint64_t offer = offer_.load(std::memory_order_acquire);
  for (;;) {
    const std::uint64_t left = offer & kPartsMask;
    if (left == 0) return false;
    const Part run_part = run_part_.load(std::memory_order_relaxed);
    const void* const work = work_.load(std::memory_order_relaxed);
    if (!offer_.compare_exchange_weak(offer, offer - 1, std::memory_order_acquire)) continue;
    run_part(work, static_cast<int>(left - 1));
    done_.fetch_add(1, std::memory_order_release);
    return true;
  }
}

void LaneSharing::help(const std::atomic<std::uint32_t>& own_work, std::uint32_t seen) {
  helpers_.fetch_add(1, std::memory_order_relaxed);
  int spins_left = kFirstSpins;
  while (spins_left > 0 && own_work.load(std::memory_order_relaxed) == seen) {
    if (take_part()) {
      spins_left = kIdleSpins;
    } else {
      spin();
      --spins_left;
    }
  }
  helpers_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace antiphon::pipeline
