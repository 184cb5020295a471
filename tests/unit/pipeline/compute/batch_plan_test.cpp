#include "pipeline/compute/batch_plan.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

BatchWish prefill(int rows, int deadline_ms) {
  return {rows, false, Deadline(Time(milliseconds(deadline_ms)))};
}
BatchWish decode(int deadline_ms) {
  return {1, true, Deadline(Time(milliseconds(deadline_ms)))};
}

constexpr BatchLimits kLimits{.rows_beside_decode = 8, .rows_max = 32};

TEST(BatchPlan, EveryDecodeRowIsInThePass) {
  const std::vector<BatchWish> wishes(20, decode(100));
  EXPECT_EQ(plan_batch(wishes, kLimits), std::vector<int>(20, 1));
}

TEST(BatchPlan, APromptAloneGetsABoundedChunk) {
  EXPECT_EQ(plan_batch(std::vector{prefill(500, 100)}, kLimits), std::vector{32});
  EXPECT_EQ(plan_batch(std::vector{prefill(5, 100)}, kLimits), std::vector{5});
}

TEST(BatchPlan, PromptsShareThePassByDeadline) {
  const std::vector wishes = {prefill(500, 300), prefill(20, 100), prefill(9, 200)};
  EXPECT_EQ(plan_batch(wishes, kLimits), (std::vector{3, 20, 9}));
}

TEST(BatchPlan, BesideAMoreUrgentDecodeAPromptGetsOnlyTheRowsThatCostNothing) {
  const std::vector wishes = {decode(100), prefill(500, 200), decode(300)};
  EXPECT_EQ(plan_batch(wishes, kLimits), (std::vector{1, 6, 1}));
}

TEST(BatchPlan, APromptThatIsMoreUrgentThanEveryDecodeGetsItsChunk) {
  const std::vector wishes = {decode(100), prefill(500, 50), prefill(500, 150)};
  EXPECT_EQ(plan_batch(wishes, kLimits), (std::vector{1, 31, 0}));
}

TEST(BatchPlan, NoRoomBesideManyDecodesIsNoRows) {
  std::vector<BatchWish> wishes(9, decode(100));
  wishes.push_back(prefill(4, 200));
  EXPECT_EQ(plan_batch(wishes, kLimits).back(), 0);
}

}  // namespace
}  // namespace antiphon::pipeline
