#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <utility>
#include <vector>

#include "pipeline/runtime/cache_line.h"

namespace antiphon::pipeline {

// A queue from one thread to one other that refuses when it is full (Lamport's ring, with each side keeping a
// copy of the other's position, so that a push or pop usually touches no line of the other core).
//
// Owner:    push(): one producer thread; pop(): one consumer thread.
// Time:     wait-free.
// Memory:   `capacity` values are made by the constructor; push() and pop() only assign to them.
// Overload: push() refuses; the producer decides what that means.
template <class T>
class RefusingRing {
 public:
  // REQUIRES: capacity > 0.
  explicit RefusingRing(std::size_t capacity) : cells_(capacity) { assert(capacity > 0); }
  RefusingRing(const RefusingRing&) = delete;
  RefusingRing& operator=(const RefusingRing&) = delete;

  std::size_t capacity() const { return cells_.size(); }

  // False: full, and `value` is as before.
  [[nodiscard]] bool push(T&& value) { return emplace(std::move(value)); }
  [[nodiscard]] bool push(const T& value) { return emplace(value); }

  // False: empty, and `value` is as before.
  [[nodiscard]] bool pop(T& value) {
    const std::size_t head = head_.load(std::memory_order_relaxed);  // only this thread writes it
    if (head == tail_seen_) {
      tail_seen_ = tail_.load(std::memory_order_acquire);  // with it comes what was written into the cells
      if (head == tail_seen_) return false;
    }
    value = std::move(cells_[head % cells_.size()]);
    head_.store(head + 1, std::memory_order_release);  // the cell may be reused only after the move above
    return true;
  }

 private:
  template <class Value>
  bool emplace(Value&& value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);  // only this thread writes it
    if (tail - head_seen_ == cells_.size()) {
      head_seen_ = head_.load(std::memory_order_acquire);  // the consumer is done with the cells before it
      if (tail - head_seen_ == cells_.size()) return false;
    }
    cells_[tail % cells_.size()] = std::forward<Value>(value);
    tail_.store(tail + 1, std::memory_order_release);  // publishes the cell's content
    return true;
  }

  std::vector<T> cells_;  // constant size; cell i % size belongs to the producer or consumer by the positions
  // Producer's line.
  alignas(kCacheLineBytes) std::atomic<std::size_t> tail_ = 0;  // pushes so far
  std::size_t head_seen_ = 0;
  // Consumer's line.
  alignas(kCacheLineBytes) std::atomic<std::size_t> head_ = 0;  // pops so far
  std::size_t tail_seen_ = 0;
};

}  // namespace antiphon::pipeline
