#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/slot.h"

namespace antiphon::pipeline {

class SlotPool;

// One of a network's slots, given back by the destructor.
//
// Owner: one session; it moves, it is not copied. Whoever gives it back has no work on the slot in flight.
class SlotLease {
 public:
  SlotLease() = default;
  SlotLease(SlotLease&& other) noexcept;
  SlotLease& operator=(SlotLease&& other) noexcept;
  ~SlotLease();

  explicit operator bool() const { return pool_ != nullptr; }
  // REQUIRES: it holds one.
  models::Slot slot() const;

 private:
  friend class SlotPool;
  SlotLease(SlotPool* pool, models::Slot slot) : pool_(pool), slot_(slot) {}

  SlotPool* pool_ = nullptr;
  models::Slot slot_{};
};

// Lends a network's slots. One pool for each network that keeps state for its sessions.
//
// Owner:    any thread.
// Time:     lock-free.
// Overload: acquire() refuses when all are lent.
// Lifetime: outlives its leases; the destructor asserts that all have come back.
class SlotPool {
 public:
  // REQUIRES: slots > 0.
  explicit SlotPool(int slots);
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;
  ~SlotPool();

  // The lowest free slot, in its state after whoever had it before.
  [[nodiscard]] std::optional<SlotLease> acquire();
  int slots() const { return slots_; }
  int lent() const;

 private:
  friend class SlotLease;
  void give_back(models::Slot slot);

  const int slots_;
  std::vector<std::atomic<std::uint64_t>> lent_bits_;  // bit i % 64 of word i / 64
};

}  // namespace antiphon::pipeline
