// What media threads call for each frame must not allocate.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>

#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/drop_oldest_ring.h"
#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/refusing_ring.h"
#include "pipeline/runtime/tick_schedule.h"
#include "tests/support/allocation_count.h"

namespace antiphon::pipeline {
namespace {

using Frame = std::array<float, 320>;

template <class Work>
std::uint64_t allocations_in(Work work) {
  const std::uint64_t before = test::allocation_count();
  work();
  return test::allocation_count() - before;
}

TEST(FramePath, TheCounterCounts) {
  Frame* volatile kept = nullptr;  // so that the compiler may not leave the allocation out
  EXPECT_EQ(allocations_in([&kept] { kept = new Frame; }), 1U);
  delete kept;
}

TEST(FramePath, RingsDoNotAllocate) {
  RefusingRing<Frame> refusing(8);
  DropOldestRing<Frame> dropping(8);
  Frame frame{};
  EXPECT_EQ(allocations_in([&] {
              for (int i = 0; i < 100; ++i) {
                static_cast<void>(refusing.push(frame));
                if (i % 3 == 0) static_cast<void>(refusing.pop(frame));
                dropping.push(frame);
                if (i % 3 == 0) static_cast<void>(dropping.pop(frame));
              }
            }),
            0U);
}

TEST(FramePath, TheQueueDoesNotAllocateAfterAThreadsFirstPush) {
  constexpr int kCapacity = 100;
  MpscQueue<Frame> queue(kCapacity, 2);
  Frame frame{};
  ASSERT_TRUE(queue.push(frame));
  ASSERT_TRUE(queue.pop(frame));
  EXPECT_EQ(allocations_in([&] {
              for (int round = 0; round < 50; ++round) {
                for (int i = 0; i < kCapacity; ++i) EXPECT_TRUE(queue.push(frame));
                EXPECT_FALSE(queue.push(frame));
                while (queue.pop(frame)) {
                }
              }
            }),
            0U);
}

TEST(FramePath, TicksBellsAndHistogramsDoNotAllocate) {
  Time now{};
  TickSchedule schedule(now);
  const Phase phase = schedule.join(now);
  Doorbell bell;
  auto histogram = std::make_unique<LatencyHistogram>();
  EXPECT_EQ(allocations_in([&] {
              for (int i = 0; i < 100; ++i) {
                now = schedule.peek()->due;
                schedule.advance(now);
                bell.ring();
                bell.wait();
                histogram->record(std::chrono::microseconds(i));
              }
            }),
            0U);
  schedule.leave(phase);
}

}  // namespace
}  // namespace antiphon::pipeline
