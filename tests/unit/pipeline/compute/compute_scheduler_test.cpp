#include "pipeline/compute/compute_scheduler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;
using TaskId = ComputeScheduler::TaskId;

Time at(int ms) {
  return Time(milliseconds(ms));
}

TaskLabel label(int session, int deadline_ms, TaskKind kind = TaskKind::kSynthesis) {
  TaskLabel made;
  made.session = SessionId{static_cast<std::uint64_t>(session)};
  made.generation = Generation{1};
  made.kind = kind;
  made.deadline = Deadline(at(deadline_ms));
  return made;
}

TaskLabel background(int session) {
  TaskLabel made = label(session, 0, TaskKind::kBackground);
  made.deadline = Deadline::never();
  return made;
}

TEST(ComputeScheduler, RunsTheStepWhoseDeadlineIsNearest) {
  ComputeScheduler scheduler({.tasks_max = 8});
  const TaskId late = scheduler.add(label(1, 300)).value();
  const TaskId soon = scheduler.add(label(2, 100)).value();
  const TaskId middle = scheduler.add(label(3, 200)).value();
  for (const TaskId expected : {soon, middle, late}) {
    const auto decision = scheduler.next(at(0)).value();
    EXPECT_EQ(decision.task, expected);
    EXPECT_FALSE(decision.dropped);
  }
  EXPECT_FALSE(scheduler.next(at(0))) << "all are running";
}

TEST(ComputeScheduler, ATaskComesBackAfterItsStepAndAMoreUrgentOneGoesBetween) {
  ComputeScheduler scheduler({.tasks_max = 8});
  const TaskId slow = scheduler.add(label(1, 300)).value();
  EXPECT_EQ(scheduler.next(at(0))->task, slow);
  const TaskId urgent = scheduler.add(label(2, 50)).value();
  EXPECT_EQ(scheduler.step_done(slow, false), std::nullopt);
  EXPECT_EQ(scheduler.next(at(10))->task, urgent);
  EXPECT_EQ(scheduler.step_done(urgent, true), TaskEnd::kDone);
  EXPECT_EQ(scheduler.next(at(20))->task, slow);
  EXPECT_EQ(scheduler.step_done(slow, true), TaskEnd::kDone);
  EXPECT_EQ(scheduler.tasks(), 0);
}

TEST(ComputeScheduler, OfEqualDeadlinesTheFirstComeIsFirst) {
  ComputeScheduler scheduler({.tasks_max = 8});
  std::vector<TaskId> added;
  for (int i = 0; i < 5; ++i) added.push_back(scheduler.add(label(i, 100)).value());
  for (const TaskId expected : added) EXPECT_EQ(scheduler.next(at(0))->task, expected);
}

TEST(ComputeScheduler, BackgroundRunsOnlyWhenNothingElseCan) {
  ComputeScheduler scheduler({.tasks_max = 8});
  const TaskId embedding = scheduler.add(background(1)).value();
  TaskLabel without_deadline = label(2, 0);
  without_deadline.deadline = Deadline::never();
  const TaskId other = scheduler.add(without_deadline).value();
  EXPECT_EQ(scheduler.next(at(0))->task, other);
  EXPECT_EQ(scheduler.next(at(0))->task, embedding);
}

TEST(ComputeScheduler, BackgroundLeavesALaneFree) {
  ComputeScheduler scheduler({.tasks_max = 8, .background_lanes_max = 1});
  const TaskId first = scheduler.add(background(1)).value();
  const TaskId second = scheduler.add(background(2)).value();
  EXPECT_EQ(scheduler.next(at(0))->task, first);
  EXPECT_FALSE(scheduler.has_ready());
  EXPECT_FALSE(scheduler.next(at(0)));
  EXPECT_EQ(scheduler.step_done(first, true), TaskEnd::kDone);
  EXPECT_EQ(scheduler.next(at(0))->task, second);
}

TEST(ComputeScheduler, ACancelledTaskNeverGetsAnotherStep) {
  ComputeScheduler scheduler({.tasks_max = 8});
  const TaskId running = scheduler.add(label(1, 100)).value();
  const TaskId waiting = scheduler.add(label(1, 200)).value();
  const TaskId of_another = scheduler.add(label(2, 300)).value();
  EXPECT_EQ(scheduler.next(at(0))->task, running);
  EXPECT_EQ(scheduler.cancel(SessionId{1}, Generation{1}), 2);
  const auto dropped = scheduler.next(at(0)).value();
  EXPECT_EQ(dropped.task, waiting);
  EXPECT_EQ(dropped.dropped, TaskEnd::kCancelled);
  EXPECT_EQ(scheduler.step_done(running, true), TaskEnd::kCancelled) << "a stale result is not delivered";
  EXPECT_EQ(scheduler.next(at(0))->task, of_another);
  EXPECT_EQ(scheduler.tasks(), 1);
}

TEST(ComputeScheduler, CancelLeavesOtherGenerationsAlone) {
  ComputeScheduler scheduler({.tasks_max = 8});
  TaskLabel next_reply = label(1, 100);
  next_reply.generation = Generation{2};
  const TaskId kept = scheduler.add(next_reply).value();
  EXPECT_EQ(scheduler.cancel(SessionId{1}, Generation{1}), 0);
  EXPECT_EQ(scheduler.next(at(0))->task, kept);
}

TEST(ComputeScheduler, OnlyWhatMayBeDroppedIsDroppedWhenLate) {
  ComputeScheduler scheduler({.tasks_max = 8});
  TaskLabel partial = label(1, 100, TaskKind::kPartialTranscript);
  partial.drop_when_late = true;
  const TaskId droppable = scheduler.add(partial).value();
  EXPECT_EQ(scheduler.next(at(100))->task, droppable) << "due is not late";
  EXPECT_EQ(scheduler.step_done(droppable, false), std::nullopt);
  const TaskId kept = scheduler.add(label(2, 90)).value();
  const auto dropped = scheduler.next(at(101)).value();
  EXPECT_EQ(dropped.task, droppable);
  EXPECT_EQ(dropped.dropped, TaskEnd::kLate);
  const auto run = scheduler.next(at(101)).value();
  EXPECT_EQ(run.task, kept);
  EXPECT_FALSE(run.dropped);
}

TEST(ComputeScheduler, RefusesWhenItsTableIsFullAndUsesPlacesAgain) {
  ComputeScheduler scheduler({.tasks_max = 2});
  ASSERT_TRUE(scheduler.add(label(1, 100)));
  const auto second = scheduler.add(label(2, 50));
  EXPECT_FALSE(scheduler.add(label(3, 10)));
  ASSERT_EQ(scheduler.next(at(0))->task, *second);
  EXPECT_EQ(scheduler.step_done(*second, true), TaskEnd::kDone);
  EXPECT_TRUE(scheduler.add(label(3, 10)));
}

TEST(ComputeScheduler, AStandingTaskSleepsUntilItIsWoken) {
  ComputeScheduler scheduler({.tasks_max = 8});
  const TaskId batcher = scheduler.add_standing(TaskKind::kLanguageModel);
  EXPECT_FALSE(scheduler.next(at(0)));
  scheduler.wake(batcher, Deadline(at(200)));
  scheduler.wake(batcher, Deadline(at(80)));
  scheduler.wake(batcher, Deadline(at(300)));
  const TaskId other = scheduler.add(label(1, 100)).value();
  EXPECT_EQ(scheduler.label(batcher).deadline, Deadline(at(80))) << "the nearest wish counts";
  EXPECT_EQ(scheduler.next(at(0))->task, batcher);
  scheduler.standing_step_done(batcher, Deadline(at(150)));
  EXPECT_EQ(scheduler.next(at(0))->task, other);
  EXPECT_EQ(scheduler.next(at(0))->task, batcher);
  scheduler.standing_step_done(batcher, std::nullopt);
  EXPECT_FALSE(scheduler.has_ready());
}

TEST(ComputeScheduler, AWakeDuringAStepIsNotLost) {
  ComputeScheduler scheduler({.tasks_max = 8});
  const TaskId batcher = scheduler.add_standing(TaskKind::kLanguageModel);
  scheduler.wake(batcher, Deadline(at(10)));
  ASSERT_TRUE(scheduler.next(at(0)));
  scheduler.wake(batcher, Deadline(at(40)));
  scheduler.wake(batcher, Deadline(at(30)));
  EXPECT_FALSE(scheduler.has_ready());
  scheduler.standing_step_done(batcher, std::nullopt);
  ASSERT_TRUE(scheduler.next(at(0)));
  EXPECT_EQ(scheduler.label(batcher).deadline, Deadline(at(30)));
}

}  // namespace
}  // namespace antiphon::pipeline
