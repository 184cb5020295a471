#include "pipeline/compute/lane_sharing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace antiphon::pipeline {
namespace {

class LaneSharingTest : public testing::Test {
 protected:
  // As if another lane helped now.
  void help() { sharing_.help(own_work_, 0); }

  Doorbell bell_;
  LaneSharing sharing_{2, &bell_};
  std::atomic<std::uint32_t> own_work_ = 0;
  std::vector<int> order_;  // of the parts
};

TEST_F(LaneSharingTest, DoesEveryPartOnceWithoutHelpers) {
  std::vector<int> times(5);
  sharing_.run(5, [&](int part) { ++times[static_cast<std::size_t>(part)]; });
  EXPECT_EQ(times, std::vector<int>(5, 1));
}

TEST_F(LaneSharingTest, CallsALaneThatSleeps) {
  sharing_.run(2, [](int /*part*/) {});
  EXPECT_TRUE(bell_.try_take());
}

TEST_F(LaneSharingTest, CallsNobodyForOnePartOrIfThereIsNoOtherLane) {
  sharing_.run(1, [](int /*part*/) {});
  LaneSharing alone(1, &bell_);
  alone.run(5, [](int /*part*/) {});
  EXPECT_FALSE(bell_.try_take());
}

TEST_F(LaneSharingTest, AHelperTakesWhatIsLeft) {
  sharing_.run(4, [&](int part) {
    if (order_.empty()) {
      order_.push_back(part);
      help();
      EXPECT_EQ(order_.size(), 4U);
    } else {
      order_.push_back(part);
    }
  });
  EXPECT_EQ(order_.size(), 4U);
}

TEST_F(LaneSharingTest, AHelperWithOwnWorkTakesNothing) {
  sharing_.run(4, [&](int part) {
    order_.push_back(part);
    own_work_ = 1;
    help();
  });
  EXPECT_EQ(order_.size(), 4U);
}

TEST_F(LaneSharingTest, AHelperLeavesAfterThePartInWhichOwnWorkArrives) {
  int by_helper = 0;
  bool helping = false;
  sharing_.run(5, [&](int /*part*/) {
    if (helping) {
      ++by_helper;
      own_work_ = 1;
      return;
    }
    helping = true;
    help();
    helping = false;
  });
  EXPECT_EQ(by_helper, 1);
}

TEST_F(LaneSharingTest, AHelperWithoutPartsGoesAway) {
  help();
  sharing_.run(3, [&](int part) { order_.push_back(part); });
  help();
  EXPECT_EQ(order_.size(), 3U);
}

TEST_F(LaneSharingTest, ASecondStepDoesItsPartsAlone) {
  int outer = 0;
  int inner = 0;
  sharing_.run(3, [&](int /*part*/) {
    ++outer;
    sharing_.run(2, [&](int /*part*/) { ++inner; });
  });
  EXPECT_EQ(outer, 3);
  EXPECT_EQ(inner, 6);
}

// Helpers come and go at any moment; each part's plain memory belongs to who took it.
TEST_F(LaneSharingTest, HelpersThatComeAndGoNeverLoseOrRepeatAPart) {
  constexpr int kOffers = 3000;
  constexpr int kPartsMax = 9;
  LaneSharing sharing(4, &bell_);
  std::atomic<bool> stop = false;
  std::atomic<std::uint32_t> own_work = 0;
  std::vector<std::thread> helpers;
  for (int i = 0; i < 3; ++i) {
    helpers.emplace_back([&] {
      while (!stop) {
        sharing.help(own_work, own_work);
        if (bell_.try_take()) ++own_work;
      }
    });
  }
  std::vector<int> times(kPartsMax);
  for (int offer = 0; offer < kOffers; ++offer) {
    const int parts = 1 + offer % kPartsMax;
    const std::vector<int> before = times;
    sharing.run(parts, [&](int part) { times[static_cast<std::size_t>(part)] += offer; });
    for (int part = 0; part < kPartsMax; ++part) {
      const auto at = static_cast<std::size_t>(part);
      ASSERT_EQ(times[at], before[at] + (part < parts ? offer : 0));
    }
  }
  stop = true;
  ++own_work;
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace
}  // namespace antiphon::pipeline
