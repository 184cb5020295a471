#include "pipeline/compute/slot_pool.h"

#include <bit>
#include <cassert>
#include <cstddef>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr int kBitsPerWord = 64;

}  // namespace

SlotLease::SlotLease(SlotLease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), slot_(other.slot_) {}

SlotLease& SlotLease::operator=(SlotLease&& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(slot_, other.slot_);
  return *this;
}

SlotLease::~SlotLease() {
  if (pool_ != nullptr) pool_->give_back(slot_);
}

models::Slot SlotLease::slot() const {
  assert(pool_ != nullptr);
  return slot_;
}

SlotPool::SlotPool(int slots)
    : slots_(slots), lent_bits_(static_cast<std::size_t>((slots + kBitsPerWord - 1) / kBitsPerWord)) {
  assert(slots > 0);
}

SlotPool::~SlotPool() {
  assert(lent() == 0);
}

std::optional<SlotLease> SlotPool::acquire() {
  for (std::size_t word = 0; word < lent_bits_.size(); ++word) {
    std::uint64_t bits = lent_bits_[word].load(std::memory_order_relaxed);
    for (;;) {
      const int bit = std::countr_one(bits);
      const int slot = static_cast<int>(word) * kBitsPerWord + bit;
      if (bit == kBitsPerWord || slot >= slots_) break;
      // Acquire: comes after whatever the one before did with the slot.
      if (lent_bits_[word].compare_exchange_weak(bits, bits | std::uint64_t{1} << bit,
                                                 std::memory_order_acquire, std::memory_order_relaxed)) {
        return SlotLease(this, models::Slot{slot});
      }
    }
  }
  return std::nullopt;
}

int SlotPool::lent() const {
  int count = 0;
  for (const std::atomic<std::uint64_t>& bits : lent_bits_) {
    count += std::popcount(bits.load(std::memory_order_relaxed));
  }
  return count;
}

void SlotPool::give_back(models::Slot slot) {
  const int number = models::index(slot);
  const std::uint64_t bit = std::uint64_t{1} << (number % kBitsPerWord);
  const std::uint64_t before =
      lent_bits_[static_cast<std::size_t>(number / kBitsPerWord)].fetch_and(~bit, std::memory_order_release);
  assert((before & bit) != 0);
  static_cast<void>(before);
}

}  // namespace antiphon::pipeline
