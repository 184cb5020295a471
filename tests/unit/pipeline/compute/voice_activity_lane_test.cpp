#include "pipeline/compute/voice_activity_lane.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/mpsc_queue.h"

namespace antiphon::pipeline {
namespace {

using models::Slot;

// "Speech" is how many windows the slot has heard since its reset, plus the window's first sample.
class CountingDetector final : public models::VoiceActivityDetector {
 public:
  explicit CountingDetector(int slots) : heard_(static_cast<std::size_t>(slots), 0) {}
  int slots() const override { return static_cast<int>(heard_.size()); }
  void step(std::span<const Window> batch, std::span<float> probabilities) override {
    std::set<Slot> slots;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      EXPECT_TRUE(slots.insert(batch[i].slot).second) << "each slot once";
      int& heard = heard_[static_cast<std::size_t>(models::index(batch[i].slot))];
      probabilities[i] = static_cast<float>(++heard) + batch[i].samples[0];
    }
    batch_sizes.push_back(static_cast<int>(batch.size()));
  }
  void reset(Slot slot) override { heard_[static_cast<std::size_t>(models::index(slot))] = 0; }
  void warm_up() override {}

  std::vector<int> batch_sizes;

 private:
  std::vector<int> heard_;
};

struct Results final : VoiceActivitySink {
  void deliver(const VoiceActivityResult& result) noexcept override { all.push_back(result); }
  std::vector<VoiceActivityResult> all;
};

VoiceActivityWindow window(int session, std::int64_t number, VoiceActivitySink* sink) {
  VoiceActivityWindow made;
  made.session = SessionId{static_cast<std::uint64_t>(session)};
  made.slot = Slot{session};
  made.first = number == 0;
  made.window = number;
  made.samples.fill(static_cast<float>(session) / 16);
  made.sink = sink;
  return made;
}

TEST(VoiceActivityBatch, OnePassServesAllSessions) {
  CountingDetector detector(8);
  VoiceActivityBatch batch(&detector);
  std::vector<Results> results(8);
  for (int s = 0; s < 8; ++s) {
    ASSERT_TRUE(batch.add(window(s, 0, &results[static_cast<std::size_t>(s)])));
  }
  batch.run();
  EXPECT_EQ(detector.batch_sizes, std::vector{8});
  for (int s = 0; s < 8; ++s) {
    const auto& all = results[static_cast<std::size_t>(s)].all;
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].session, SessionId{static_cast<std::uint64_t>(s)});
    EXPECT_EQ(all[0].probability, 1 + static_cast<float>(s) / 16);
  }
}

TEST(VoiceActivityBatch, ASlotsSecondWindowWaitsForTheNextPass) {
  CountingDetector detector(2);
  VoiceActivityBatch batch(&detector);
  Results results;
  ASSERT_TRUE(batch.add(window(1, 0, &results)));
  EXPECT_FALSE(batch.add(window(1, 1, &results)));
  batch.run();
  batch.run();  // nothing to do
  ASSERT_TRUE(batch.add(window(1, 1, &results)));
  batch.run();
  EXPECT_EQ(detector.batch_sizes, (std::vector{1, 1}));
  ASSERT_EQ(results.all.size(), 2U);
  EXPECT_EQ(results.all[1].window, 1);
  EXPECT_EQ(results.all[1].probability, 2 + 1.0f / 16);
}

TEST(VoiceActivityBatch, AFirstWindowResetsItsSlot) {
  CountingDetector detector(1);
  VoiceActivityBatch batch(&detector);
  Results results;
  for (const std::int64_t number : {0, 1, 2, 0}) {
    ASSERT_TRUE(batch.add(window(0, number, &results)));
    batch.run();
  }
  EXPECT_EQ(results.all[2].probability, 3);
  EXPECT_EQ(results.all[3].probability, 1);
}

TEST(VoiceActivityQueue, RunsEachSlotOnceInAPassAndRefusesWhenItIsFull) {
  CountingDetector detector(2);
  VoiceActivityQueue queue(&detector, {.windows_max = 3, .submitters_max = 1});
  Results results;
  EXPECT_FALSE(queue.run_batch());
  ASSERT_TRUE(queue.submit(window(0, 0, &results)));
  ASSERT_TRUE(queue.submit(window(0, 1, &results)));
  ASSERT_TRUE(queue.submit(window(1, 0, &results)));
  EXPECT_FALSE(queue.submit(window(1, 1, &results)));
  EXPECT_EQ(queue.refused(), 1U);
  EXPECT_TRUE(queue.bell().try_take());
  EXPECT_TRUE(queue.run_batch());
  EXPECT_TRUE(queue.run_batch());
  EXPECT_FALSE(queue.run_batch());
  EXPECT_EQ(detector.batch_sizes, (std::vector{1, 2}));
  EXPECT_EQ(results.all.size(), 3U);
}

class QueueSink final : public VoiceActivitySink {
 public:
  void deliver(const VoiceActivityResult& result) noexcept override {
    EXPECT_TRUE(results_.push(result));
    bell_.ring();
  }
  VoiceActivityResult wait_for_result() {
    VoiceActivityResult result;
    while (!results_.pop(result)) bell_.wait();
    return result;
  }

 private:
  MpscQueue<VoiceActivityResult> results_{8, 1};
  Doorbell bell_;
};

TEST(VoiceActivityLane, AnswersEachSessionInOrderFromItsOwnThread) {
  constexpr int kSessions = 4;
  constexpr int kWindows = 200;
  CountingDetector detector(kSessions);
  std::vector<QueueSink> sinks(kSessions);  // longer than the lane that delivers into them
  {
    VoiceActivityQueue queue(&detector, {.windows_max = 2 * kSessions, .submitters_max = kSessions});
    const VoiceActivityLane lane(&queue);
    std::vector<std::thread> sessions;
    for (int s = 0; s < kSessions; ++s) {
      QueueSink& sink = sinks[static_cast<std::size_t>(s)];
      sessions.emplace_back([&queue, &sink, s] {
        for (std::int64_t i = 0; i < kWindows; ++i) {
          ASSERT_TRUE(queue.submit(window(s, i, &sink)));
          const VoiceActivityResult result = sink.wait_for_result();
          ASSERT_EQ(result.session, SessionId{static_cast<std::uint64_t>(s)});
          ASSERT_EQ(result.window, i);
          ASSERT_EQ(result.probability, static_cast<float>(i + 1) + static_cast<float>(s) / 16);
        }
      });
    }
    for (std::thread& session : sessions) session.join();
    EXPECT_EQ(queue.refused(), 0U);
    EXPECT_EQ(queue.batches(), detector.batch_sizes.size());
  }
}

}  // namespace
}  // namespace antiphon::pipeline
