#include "pipeline/runtime/mpsc_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace antiphon::pipeline {
namespace {

struct Numbered {
  int producer = 0;
  std::unique_ptr<int> number;  // shows a value that was read before it was written
};

TEST(MpscQueue, RefusesExactlyAtItsCapacity) {
  for (const std::size_t capacity : {1U, 8U, 50U}) {
    MpscQueue<int> queue(capacity, 4);
    for (std::size_t i = 0; i < capacity; ++i) EXPECT_TRUE(queue.push(static_cast<int>(i)));
    EXPECT_FALSE(queue.push(-1));
    int value = 0;
    ASSERT_TRUE(queue.pop(value));
    EXPECT_EQ(value, 0);
    EXPECT_TRUE(queue.push(-1));
    EXPECT_FALSE(queue.push(-1));
    EXPECT_EQ(queue.size(), capacity);
  }
}

TEST(MpscQueue, LeavesARefusedValueWithItsOwner) {
  MpscQueue<std::unique_ptr<int>> queue(1, 1);
  ASSERT_TRUE(queue.push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(second)));
  ASSERT_NE(second, nullptr);
}

TEST(MpscQueue, ManyThreadsFillItToTheLastPlaceAndNoFurther) {
  constexpr int kThreads = 8;
  MpscQueue<int> queue(50, kThreads);
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 30; ++i) accepted += queue.push(i) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 50);
}

TEST(MpscQueue, LosesNothingAndKeepsEachProducersOrder) {
  constexpr int kThreads = 4;
  constexpr int kValues = 10000;
  MpscQueue<Numbered> queue(16, kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&queue, t] {
      for (int i = 0; i < kValues; ++i) {
        Numbered value{t, std::make_unique<int>(i)};
        // NOLINTNEXTLINE(bugprone-use-after-move): a refused value stays
        while (!queue.push(std::move(value))) std::this_thread::yield();
      }
    });
  }
  std::vector<int> next(kThreads, 0);
  Numbered value;
  for (int received = 0; received < kThreads * kValues; ++received) {
    while (!queue.pop(value)) std::this_thread::yield();
    ASSERT_EQ(*value.number, next[static_cast<std::size_t>(value.producer)]++);
    ASSERT_LE(queue.size(), queue.capacity());
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(queue.pop(value));
  EXPECT_EQ(queue.size(), 0U);
}

// The second thread has more inside, so it would be asked first.
TEST(MpscQueue, ValuesOfOneProducerThatMovesBetweenThreadsStayInOrder) {
  MpscQueue<int> queue(20, 2);
  MpscQueue<int>::MovingProducer producer(queue);
  EXPECT_TRUE(queue.push(producer, 0));
  std::thread([&] {
    for (int i = 1; i < 10; ++i) EXPECT_TRUE(queue.push(producer, int{i}));
  }).join();
  int value = 0;
  for (int expected = 0; expected < 10; ++expected) {
    ASSERT_TRUE(queue.pop(value));
    EXPECT_EQ(value, expected);
  }
}

TEST(MpscQueue, AcceptsMoreThreadsThanItWasMadeFor) {
  MpscQueue<int> queue(200, 1);
  for (int t = 0; t < 10; ++t) {
    std::thread([&queue] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(queue.push(i));
    }).join();
  }
  EXPECT_FALSE(queue.push(0));
}

}  // namespace
}  // namespace antiphon::pipeline
