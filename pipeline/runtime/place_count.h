#pragma once

#include <atomic>
#include <cassert>

namespace antiphon::pipeline {

// A counted limit: so many may be inside at once.
//
// Owner: any thread; lock-free.
class PlaceCount {
 public:
  explicit PlaceCount(int places) : places_(places) { assert(places > 0); }

  // False: all are taken.
  [[nodiscard]] bool take() {
    int taken = taken_.load(std::memory_order_relaxed);
    do {
      if (taken == places_) return false;
      // Acquire: comes after what the thread did that gave the place back.
    } while (!taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_acquire,
                                           std::memory_order_relaxed));
    return true;
  }
  // REQUIRES: a take() that was not given back.
  void give_back() {
    const int before = taken_.fetch_sub(1, std::memory_order_release);
    assert(before > 0);
    static_cast<void>(before);
  }

  int places() const { return places_; }
  int taken() const { return taken_.load(std::memory_order_relaxed); }

 private:
  const int places_;
  std::atomic<int> taken_ = 0;
};

}  // namespace antiphon::pipeline
