#include "pipeline/runtime/refusing_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace antiphon::pipeline {
namespace {

TEST(RefusingRing, HoldsExactlyItsCapacity) {
  RefusingRing<int> ring(3);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(ring.push(round * 10 + i));
    EXPECT_FALSE(ring.push(99));
    int value = 0;
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(ring.pop(value));
      EXPECT_EQ(value, round * 10 + i);
    }
    EXPECT_FALSE(ring.pop(value));
  }
}

TEST(RefusingRing, LeavesARefusedValueWithItsOwner) {
  RefusingRing<std::unique_ptr<int>> ring(1);
  ASSERT_TRUE(ring.push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(ring.push(std::move(second)));
  ASSERT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): it stays
  EXPECT_EQ(*second, 2);       // NOLINT(bugprone-use-after-move)
}

TEST(RefusingRing, HandsEveryValueOverInOrderBetweenTwoThreads) {
  constexpr int kValues = 50000;
  RefusingRing<std::unique_ptr<int>> ring(7);
  std::thread producer([&] {
    for (int i = 0; i < kValues; ++i) {
      auto value = std::make_unique<int>(i);
      while (!ring.push(std::move(value))) std::this_thread::yield();
    }
  });
  std::unique_ptr<int> value;
  for (int expected = 0; expected < kValues; ++expected) {
    while (!ring.pop(value)) std::this_thread::yield();
    ASSERT_EQ(*value, expected);
  }
  producer.join();
  EXPECT_FALSE(ring.pop(value));
}

}  // namespace
}  // namespace antiphon::pipeline
