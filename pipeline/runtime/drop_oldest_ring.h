#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "pipeline/runtime/cache_line.h"

namespace antiphon::pipeline {

// A queue from one thread to one other that drops its oldest value when it is full, and counts it.
//
// Values live in buffers, and a cell of the ring names one. Each side owns one buffer more: a push fills its
// own and exchanges it for the cell's, a pop does the same with an empty one. So a value is never touched by
// two threads, also when the producer overtakes a consumer that is in the middle of a pop.
//
// Owner:    push(): one producer thread; pop(): one consumer thread; dropped(): any.
// Time:     push() is wait-free. pop() tries again only if the producer went round the whole ring meanwhile.
// Memory:   capacity + 2 values are made by the constructor; push() and pop() only assign to them.
// Overload: drops the oldest value and counts it.
template <class T>
class DropOldestRing {
 public:
  // REQUIRES: 0 < capacity < 65534.
  explicit DropOldestRing(std::size_t capacity)
      : cells_(capacity),
        buffers_(capacity + 2),
        producer_buffer_(static_cast<std::uint16_t>(capacity)),
        consumer_buffer_(static_cast<std::uint16_t>(capacity + 1)) {
    assert(capacity > 0 && capacity < 0xFFFE);
    for (std::size_t i = 0; i < capacity; ++i) {
      cells_[i].store(empty_cell(static_cast<std::uint16_t>(i)), std::memory_order_relaxed);
    }
  }
  DropOldestRing(const DropOldestRing&) = delete;
  DropOldestRing& operator=(const DropOldestRing&) = delete;

  std::size_t capacity() const { return cells_.size(); }
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  // False: an older value was dropped for it.
  bool push(T&& value) { return emplace(std::move(value)); }
  bool push(const T& value) { return emplace(value); }

  // False: empty, and `value` is as before.
  [[nodiscard]] bool pop(T& value) {
    for (;;) {
      std::atomic<std::uint64_t>& cell = cells_[position_to_pop_ % cells_.size()];
      // Relaxed: nothing is read through it before the exchange below has confirmed it.
      std::uint64_t seen = cell.load(std::memory_order_relaxed);
      if (!is_full(seen)) return false;
      const std::uint64_t position = position_of(seen);
      if (position != position_to_pop_) {  // the producer went round: the oldest left follows its last push
        position_to_pop_ = position - cells_.size() + 1;
        continue;
      }
      // Acquire: the value comes with the cell. Release: this side is done with the buffer it gives away.
      if (!cell.compare_exchange_strong(seen, empty_cell(consumer_buffer_), std::memory_order_acq_rel,
                                        std::memory_order_relaxed)) {
        continue;
      }
      consumer_buffer_ = buffer_of(seen);
      ++position_to_pop_;
      value = std::move(buffers_[consumer_buffer_]);
      return true;
    }
  }

 private:
  // A cell is one word, so that it changes hands at once: position (47 bits), full (1 bit), buffer (16 bits).
  // 2^47 positions are 89,000 years of 20 ms frames.
  static constexpr std::uint64_t kFullBit = 1U << 16;
  static std::uint64_t empty_cell(std::uint16_t buffer) { return buffer; }
  static std::uint64_t full_cell(std::uint64_t position, std::uint16_t buffer) {
    return position << 17 | kFullBit | buffer;
  }
  static bool is_full(std::uint64_t cell) { return (cell & kFullBit) != 0; }
  static std::uint64_t position_of(std::uint64_t cell) { return cell >> 17; }
  static std::uint16_t buffer_of(std::uint64_t cell) { return static_cast<std::uint16_t>(cell); }

  template <class Value>
  bool emplace(Value&& value) {
    buffers_[producer_buffer_] = std::forward<Value>(value);
    // Release: publishes the value. Acquire: whoever had the buffer that comes back is done with it.
    const std::uint64_t before = cells_[position_to_push_ % cells_.size()].exchange(
        full_cell(position_to_push_, producer_buffer_), std::memory_order_acq_rel);
    producer_buffer_ = buffer_of(before);
    ++position_to_push_;
    if (!is_full(before)) return true;
    // One writer, so no read-modify-write; a count orders nothing.
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }

  std::vector<std::atomic<std::uint64_t>> cells_;
  std::vector<T> buffers_;
  // Producer's line.
  alignas(kCacheLineBytes) std::uint64_t position_to_push_ = 0;
  std::uint16_t producer_buffer_;
  std::atomic<std::uint64_t> dropped_ = 0;
  // Consumer's line.
  alignas(kCacheLineBytes) std::uint64_t position_to_pop_ = 0;
  std::uint16_t consumer_buffer_;
};

}  // namespace antiphon::pipeline
