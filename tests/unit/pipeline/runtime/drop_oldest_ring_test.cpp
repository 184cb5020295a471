#include "pipeline/runtime/drop_oldest_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <thread>

namespace antiphon::pipeline {
namespace {

TEST(DropOldestRing, KeepsTheNewestAndCountsTheRest) {
  DropOldestRing<int> ring(4);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(ring.push(i));
  EXPECT_EQ(ring.dropped(), 0U);
  for (int i = 4; i < 11; ++i) EXPECT_FALSE(ring.push(i));
  EXPECT_EQ(ring.dropped(), 7U);
  int value = 0;
  for (int expected = 7; expected < 11; ++expected) {
    ASSERT_TRUE(ring.pop(value));
    EXPECT_EQ(value, expected);
  }
  EXPECT_FALSE(ring.pop(value));
}

TEST(DropOldestRing, GoesOnAfterDropping) {
  DropOldestRing<int> ring(2);
  int value = 0;
  int popped = 0;
  int last = -1;
  for (int i = 0; i < 100; ++i) {
    ring.push(i);
    if (i % 5 == 4) {
      ASSERT_TRUE(ring.pop(value));
      EXPECT_EQ(value, i - 1) << "the older of the two newest";
      EXPECT_GT(value, last);
      last = value;
      ++popped;
    }
  }
  while (ring.pop(value)) ++popped;
  EXPECT_EQ(static_cast<std::uint64_t>(popped) + ring.dropped(), 100U);
}

TEST(DropOldestRing, WithACapacityOfOneIsTheLatestValue) {
  DropOldestRing<int> ring(1);
  ring.push(1);
  ring.push(2);
  int value = 0;
  ASSERT_TRUE(ring.pop(value));
  EXPECT_EQ(value, 2);
  EXPECT_FALSE(ring.pop(value));
}

// Every cell of a value is the same number, so a value that both sides touched at once shows.
using Wide = std::array<std::uint64_t, 16>;

TEST(DropOldestRing, NeverTearsReordersOrLosesCountUnderTwoThreads) {
  constexpr std::uint64_t kValues = 100000;
  DropOldestRing<Wide> ring(3);
  std::atomic<bool> done = false;
  std::thread producer([&] {
    Wide value;
    for (std::uint64_t i = 1; i <= kValues; ++i) {
      value.fill(i);
      ring.push(value);
      if (i % 64 == 0) std::this_thread::yield();
    }
    done = true;
  });
  Wide value{};
  std::uint64_t last = 0;
  std::uint64_t popped = 0;
  for (bool finished = false; !finished;) {
    finished = done;
    while (ring.pop(value)) {
      ASSERT_GT(value[0], last);
      for (const std::uint64_t part : value) ASSERT_EQ(part, value[0]);
      last = value[0];
      ++popped;
    }
  }
  producer.join();
  EXPECT_EQ(last, kValues);
  EXPECT_EQ(popped + ring.dropped(), kValues);
}

}  // namespace
}  // namespace antiphon::pipeline
