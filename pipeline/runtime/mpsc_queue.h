#pragma once

#include <concurrentqueue/concurrentqueue.h>  // this is the only file that includes it

#include <atomic>
#include <cassert>
#include <cstddef>
#include <utility>

#include "pipeline/runtime/cache_line.h"

namespace antiphon::pipeline {

// A queue from many threads to one that refuses when it is full: moodycamel's queue behind an exact limit.
//
// The library's own capacity is a lower bound (it hands out whole blocks), so two counts stand around it: a
// place is taken before a value goes in and given back after it came out, and the consumer looks only for
// values whose push has ended. The counts also carry all the ordering that a reader of this code, or
// ThreadSanitizer, needs to see: the library's own fences are not relied upon.
//
// Owner:    push(): any thread; pop(): one consumer thread at a time.
// Order:    first in, first out for each producer thread and for each MovingProducer; none between two of
//           them.
// Time:     lock-free.
// Memory:   allocated by the constructor for `producers_max` threads; each thread's first push allocates its
//           list (a few hundred bytes), and a thread beyond producers_max a block of cells at times.
// Overload: push() refuses; the producer decides what that means.
template <class T>
class MpscQueue {
 public:
  // A producer that runs now on one thread, now on another, such as a task that two lanes step in turn.
  //
  // Owner:    one thread at a time, each synchronised with the one before.
  // Lifetime: the queue outlives it. One for each queue; a further one allocates.
  class MovingProducer {
   public:
    explicit MovingProducer(MpscQueue& queue) : token_(queue.queue_) {}

   private:
    friend class MpscQueue;
    moodycamel::ProducerToken token_;
  };

  // REQUIRES: both > 0.
  MpscQueue(std::size_t capacity, std::size_t producers_max)
      : capacity_(capacity), queue_(capacity, 1, producers_max) {
    assert(capacity > 0 && producers_max > 0);
  }
  MpscQueue(const MpscQueue&) = delete;
  MpscQueue& operator=(const MpscQueue&) = delete;

  std::size_t capacity() const { return capacity_; }

  // False: full, and `value` is as before.
  [[nodiscard]] bool push(T&& value) {
    if (!take_place()) return false;
    // NOLINTNEXTLINE(bugprone-use-after-move): what was not taken is as before
    if (!queue_.try_enqueue(std::move(value))) queue_.enqueue(std::move(value));
    published_.fetch_add(1, std::memory_order_release);  // with it, the value
    return true;
  }
  [[nodiscard]] bool push(const T& value) { return push(T(value)); }
  [[nodiscard]] bool push(MovingProducer& producer, T&& value) {
    if (!take_place()) return false;
    moodycamel::ProducerToken& token = producer.token_;
    // NOLINTNEXTLINE(bugprone-use-after-move): what was not taken is as before
    if (!queue_.try_enqueue(token, std::move(value))) queue_.enqueue(token, std::move(value));
    published_.fetch_add(1, std::memory_order_release);  // with it, the value
    return true;
  }

  // False: no push has ended that was not popped; `value` is as before.
  [[nodiscard]] bool pop(T& value) {
    // Acquire: sees every value whose push came before the count (increments form one release sequence).
    if (published_.load(std::memory_order_acquire) == popped_) return false;
    const bool found = queue_.try_dequeue(value);
    assert(found);
    ++popped_;
    places_taken_.fetch_sub(1, std::memory_order_release);  // the cell is free only after the move above
    return found;
  }

  // Values inside, or about to be: exact when no push or pop is under way. Any thread.
  std::size_t size() const { return places_taken_.load(std::memory_order_relaxed); }

 private:
  bool take_place() {
    std::size_t taken = places_taken_.load(std::memory_order_relaxed);
    do {
      if (taken == capacity_) return false;
      // Acquire: comes after the pop that freed the place.
    } while (!places_taken_.compare_exchange_weak(taken, taken + 1, std::memory_order_acquire,
                                                  std::memory_order_relaxed));
    return true;
  }

  const std::size_t capacity_;
  moodycamel::ConcurrentQueue<T> queue_;
  alignas(kCacheLineBytes) std::atomic<std::size_t> places_taken_ = 0;
  alignas(kCacheLineBytes) std::atomic<std::size_t> published_ = 0;
  // Consumer's line.
  alignas(kCacheLineBytes) std::size_t popped_ = 0;
};

}  // namespace antiphon::pipeline
