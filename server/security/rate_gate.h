#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace antiphon::server {

// Lets so many units through per minute, up to a minute's worth at once: a leaky bucket kept as one moment,
// the one at which it would be empty (the generic cell rate algorithm, ITU-T I.371, annex A).
//
// Owner: any thread; lock-free. `now` must not go backwards by much.
class RateGate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // REQUIRES: units_per_minute > 0.
  explicit RateGate(std::int64_t units_per_minute) : units_per_minute_(units_per_minute) {}

  // Whether `units` may pass now, and then they have.
  [[nodiscard]] bool take(std::int64_t units, Time now) {
    std::int64_t empty_at = empty_at_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
      next = after(empty_at, units, now);
      if (next - ticks(now) > kMinute) return false;
    } while (!empty_at_.compare_exchange_weak(empty_at, next, std::memory_order_relaxed));
    return true;
  }

  // Lets `units` pass whatever was before. Returns how long to wait before the next ones.
  std::chrono::nanoseconds pass(std::int64_t units, Time now) {
    std::int64_t empty_at = empty_at_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
      next = after(empty_at, units, now);
    } while (!empty_at_.compare_exchange_weak(empty_at, next, std::memory_order_relaxed));
    return std::chrono::nanoseconds(std::max<std::int64_t>(0, next - ticks(now) - kMinute));
  }

  // What is there without waiting, and how long until all of it would be.
  struct Left {
    std::int64_t units = 0;
    std::chrono::nanoseconds until_full{0};
  };
  Left left(Time now) const {
    const std::int64_t used =
        std::max<std::int64_t>(0, empty_at_.load(std::memory_order_relaxed) - ticks(now));
    const double free = static_cast<double>(std::max<std::int64_t>(0, kMinute - used)) / kMinute;
    return {static_cast<std::int64_t>(free * static_cast<double>(units_per_minute_)),
            std::chrono::nanoseconds(used)};
  }
  std::int64_t units_per_minute() const { return units_per_minute_; }

 private:
  static constexpr std::int64_t kMinute = 60'000'000'000;  // ns
  static std::int64_t ticks(Time now) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  }
  std::int64_t after(std::int64_t empty_at, std::int64_t units, Time now) const {
    const double cost =
        static_cast<double>(kMinute) * static_cast<double>(units) / static_cast<double>(units_per_minute_);
    return std::max(empty_at, ticks(now)) + static_cast<std::int64_t>(cost);
  }

  const std::int64_t units_per_minute_;
  std::atomic<std::int64_t> empty_at_ = 0;
};

}  // namespace antiphon::server
