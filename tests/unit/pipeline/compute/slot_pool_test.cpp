#include "pipeline/compute/slot_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace antiphon::pipeline {
namespace {

TEST(SlotPool, LendsEachSlotOnceAndThenRefuses) {
  SlotPool pool(70);  // more than one word of bits
  std::vector<SlotLease> leases;
  std::set<int> slots;
  for (int i = 0; i < 70; ++i) {
    leases.push_back(pool.acquire().value());
    slots.insert(models::index(leases.back().slot()));
  }
  EXPECT_EQ(slots.size(), 70U);
  EXPECT_EQ(*slots.rbegin(), 69);
  EXPECT_FALSE(pool.acquire());
  EXPECT_EQ(pool.lent(), 70);
  leases.clear();
  EXPECT_EQ(pool.lent(), 0);
}

TEST(SlotPool, ALeaseComesBackOnceHoweverItMoves) {
  SlotPool pool(2);
  SlotLease first = pool.acquire().value();
  SlotLease moved = std::move(first);
  EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): what moving leaves
  EXPECT_TRUE(moved);
  EXPECT_EQ(pool.lent(), 1);
  moved = pool.acquire().value();
  EXPECT_EQ(pool.lent(), 1) << "the lease that was replaced has come back";
  moved = SlotLease();
  EXPECT_EQ(pool.lent(), 0);
}

TEST(SlotPoolDeathTest, ALeakFailsAtTheEnd) {
  EXPECT_DEATH(
      {
        std::optional<SlotLease> leaked;
        const SlotPool* const pool = [&] {
          auto* const made = new SlotPool(1);
          leaked = made->acquire();
          return made;
        }();
        delete pool;
      },
      "lent\\(\\) == 0");
}

TEST(SlotPool, NoTwoThreadsHoldOneSlot) {
  constexpr int kSlots = 3;
  SlotPool pool(kSlots);
  std::vector<int> holders(kSlots, 0);  // not atomic: two holders are a race
  std::atomic<int> refusals = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        const std::optional<SlotLease> lease = pool.acquire();
        if (!lease) {
          ++refusals;
          continue;
        }
        int& count = holders[static_cast<std::size_t>(models::index(lease->slot()))];
        EXPECT_EQ(count, 0);
        ++count;
        --count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.lent(), 0);
}

}  // namespace
}  // namespace antiphon::pipeline
