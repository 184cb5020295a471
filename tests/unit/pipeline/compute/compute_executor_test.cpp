#include "pipeline/compute/compute_executor.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/stepped.h"
#include "pipeline/compute/stepped_task.h"
#include "tests/unit/pipeline/compute/virtual_lanes.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

struct Record {
  int steps = 0;
  int ends = 0;
  std::optional<TaskEnd> end;
};

// `steps` steps that note themselves.
class CountedTask final : public ComputeTask {
 public:
  CountedTask(const TaskLabel& label, int steps, Record* record)
      : ComputeTask(label), steps_(steps), record_(record) {}
  bool step() override { return ++record_->steps == steps_; }
  void end(TaskEnd end) noexcept override {
    ++record_->ends;
    record_->end = end;
  }

 private:
  const int steps_;
  Record* const record_;
};

TaskLabel label(int session, int deadline_ms, TaskKind kind = TaskKind::kSynthesis) {
  TaskLabel made;
  made.session = SessionId{static_cast<std::uint64_t>(session)};
  made.generation = Generation{1};
  made.kind = kind;
  made.deadline = Deadline(Time(milliseconds(deadline_ms)));
  return made;
}

class ComputeExecutorTest : public testing::Test {
 protected:
  [[nodiscard]] bool submit(const TaskLabel& task_label, int steps, Record* record) {
    std::unique_ptr<ComputeTask> task = std::make_unique<CountedTask>(task_label, steps, record);
    return executor_.submit(task);
  }

  ComputeExecutor executor_{{.lanes = 2, .tasks_max = 8}};
  VirtualLanes lanes_{&executor_, [](const ComputeExecutor::Work&) { return milliseconds(10); }};
};

TEST_F(ComputeExecutorTest, RunsEveryStepAndEndsOnce) {
  Record record;
  ASSERT_TRUE(submit(label(1, 100), 5, &record));
  lanes_.run_until(Time(milliseconds(45)));
  EXPECT_EQ(record.steps, 5);
  EXPECT_EQ(record.ends, 0) << "the fifth step lasts until 50 ms";
  lanes_.run_dry();
  EXPECT_EQ(record.steps, 5);
  EXPECT_EQ(record.ends, 1);
  EXPECT_EQ(record.end, TaskEnd::kDone);
  EXPECT_EQ(executor_.tasks_in_flight(), 0);
}

TEST_F(ComputeExecutorTest, AnInterruptionGivesTheMachineBackWithinOneStep) {
  std::vector<Record> reply(2);
  for (Record& record : reply) ASSERT_TRUE(submit(label(1, 100), 50, &record));
  lanes_.run_until(Time(milliseconds(35)));
  ASSERT_TRUE(executor_.cancel(SessionId{1}, Generation{1}));
  Record other;
  ASSERT_TRUE(submit(label(2, 5000), 1, &other));
  lanes_.run_until(Time(milliseconds(40)));
  for (const Record& record : reply) {
    EXPECT_EQ(record.steps, 4) << "the step that ran at the cancel was its last";
    EXPECT_EQ(record.end, TaskEnd::kCancelled);
  }
  lanes_.run_until(Time(milliseconds(50)));
  EXPECT_EQ(other.end, TaskEnd::kDone);
}

TEST_F(ComputeExecutorTest, DropsLatePartials) {
  TaskLabel partial = label(1, 25, TaskKind::kPartialTranscript);
  partial.drop_when_late = true;
  Record record;
  ASSERT_TRUE(submit(partial, 10, &record));
  lanes_.run_dry();
  EXPECT_EQ(record.steps, 3);
  EXPECT_EQ(record.end, TaskEnd::kLate);
  EXPECT_EQ(executor_.report()->ends[static_cast<std::size_t>(TaskEnd::kLate)], 1U);
}

TEST_F(ComputeExecutorTest, RefusesBeyondItsLimitAndTheTaskStaysTheCallers) {
  std::vector<Record> records(8);
  for (Record& record : records) ASSERT_TRUE(submit(label(1, 100), 1, &record));
  Record refused;
  std::unique_ptr<ComputeTask> task = std::make_unique<CountedTask>(label(2, 100), 1, &refused);
  EXPECT_FALSE(executor_.submit(task));
  ASSERT_NE(task, nullptr);
  EXPECT_EQ(refused.ends, 0);
  EXPECT_EQ(executor_.refused(), 1U);
  lanes_.run_dry();
  EXPECT_TRUE(executor_.submit(task));
  lanes_.run_dry();
  EXPECT_EQ(refused.end, TaskEnd::kDone);
}

TEST_F(ComputeExecutorTest, EndsWhatIsLeftWhenItGoes) {
  std::vector<Record> records(2);
  {
    ComputeExecutor dying({.lanes = 1});
    VirtualLanes lane(&dying, [](const ComputeExecutor::Work&) { return milliseconds(10); });
    std::unique_ptr<ComputeTask> started = std::make_unique<CountedTask>(label(1, 100), 3, &records[0]);
    ASSERT_TRUE(dying.submit(started));
    lane.run_until(Time(milliseconds(10)));
    std::unique_ptr<ComputeTask> unread = std::make_unique<CountedTask>(label(1, 100), 3, &records[1]);
    ASSERT_TRUE(dying.submit(unread));
  }
  for (const Record& record : records) {
    EXPECT_EQ(record.ends, 1);
    EXPECT_EQ(record.end, TaskEnd::kCancelled);
  }
}

models::Stepped<std::string> transcribe(int steps) {
  for (int i = 0; i < steps; ++i) co_await models::kNextStep;
  co_return "hello";
}

models::Stepped<std::string> broken() {
  co_await models::kNextStep;
  throw std::runtime_error("no memory");
}

TEST_F(ComputeExecutorTest, ASteppedResultArrivesWithItsSessionAndGeneration) {
  std::vector<Completion<std::string>> inbox;
  const auto deliver = [&](Completion<std::string>&& completion) { inbox.push_back(std::move(completion)); };
  TaskLabel second = label(7, 300);
  second.generation = Generation{9};
  bool started = false;
  auto fine = make_stepped_task(
      label(3, 200),
      [&started] {
        started = true;
        return transcribe(4);
      },
      deliver);
  auto failing = make_stepped_task(second, [] { return broken(); }, deliver);
  ASSERT_TRUE(executor_.submit(fine));
  ASSERT_TRUE(executor_.submit(failing));
  EXPECT_FALSE(started) << "the coroutine is made on a lane";
  lanes_.run_dry();
  ASSERT_EQ(inbox.size(), 2U);
  EXPECT_EQ(inbox[0].session, SessionId{7});
  EXPECT_EQ(inbox[0].generation, Generation{9});
  EXPECT_EQ(inbox[0].end, TaskEnd::kFailed);
  EXPECT_FALSE(inbox[0].result);
  EXPECT_EQ(inbox[1].session, SessionId{3});
  EXPECT_EQ(inbox[1].end, TaskEnd::kDone);
  EXPECT_EQ(inbox[1].result, "hello");
}

TEST_F(ComputeExecutorTest, BackgroundWorkWaitsForAllElse) {
  TaskLabel embedding = label(1, 0, TaskKind::kBackground);
  embedding.deadline = Deadline::never();
  Record background;
  std::vector<Record> urgent(3);
  ASSERT_TRUE(submit(embedding, 3, &background));
  for (Record& record : urgent) ASSERT_TRUE(submit(label(2, 500), 4, &record));
  lanes_.run_until(Time(milliseconds(39)));
  EXPECT_EQ(background.steps, 0);
  lanes_.run_dry();
  EXPECT_EQ(background.end, TaskEnd::kDone);
}

class SleepyTask final : public StandingTask {
 public:
  std::optional<Deadline> step(Time now) noexcept override {
    steps.push_back(now);
    if (--left > 0) return Deadline(now + milliseconds(5));
    return std::nullopt;
  }
  int left = 0;
  std::vector<Time> steps;
};

TEST(ComputeExecutorStanding, IsSteppedAfterAWakeUntilItSleeps) {
  SleepyTask batcher;
  ComputeExecutor executor({.lanes = 2});
  const auto id = executor.add_standing(&batcher, TaskKind::kLanguageModel);
  VirtualLanes lanes(&executor, [](const ComputeExecutor::Work&) { return milliseconds(10); });
  lanes.run_dry();
  EXPECT_TRUE(batcher.steps.empty());
  batcher.left = 3;
  executor.wake(id, Deadline(lanes.now() + milliseconds(50)));
  executor.wake(id, Deadline(lanes.now() + milliseconds(20)));
  lanes.run_dry();
  EXPECT_EQ(batcher.steps.size(), 3U) << "one at a time, also with two lanes";
}

TEST(ComputeExecutorOverload, TheLadderFollowsTheLateness) {
  ComputeExecutor executor({.lanes = 1, .tasks_max = 64});
  VirtualLanes lanes(&executor, [](const ComputeExecutor::Work&) { return milliseconds(10); });
  std::vector<Record> records(60);
  for (Record& record : records) {  // 1.8 s of work that is due in 100 ms
    std::unique_ptr<ComputeTask> task = std::make_unique<CountedTask>(label(1, 100), 3, &record);
    ASSERT_TRUE(executor.submit(task));
  }
  lanes.run_until(Time(milliseconds(1000)));
  EXPECT_EQ(executor.overload_level(), OverloadLevel::kNoPartials);
  lanes.run_dry();
  lanes.run_until(lanes.now() + std::chrono::seconds(10));
  lanes.run_until(lanes.now());  // an idle lane looks again
  EXPECT_EQ(executor.overload_level(), OverloadLevel::kNone);
  const auto report = executor.report();
  EXPECT_EQ(report->overload_reached[static_cast<std::size_t>(OverloadLevel::kNoSpeculation)], 1U);
  const auto& synthesis = report->kinds[static_cast<std::size_t>(TaskKind::kSynthesis)];
  EXPECT_EQ(synthesis.step_time.count(), 180U);
  EXPECT_EQ(synthesis.step_time.max, milliseconds(10));
  EXPECT_GT(synthesis.lateness.count(), 100U);
}

// From seeds: tasks of all kinds arrive, some generations are cancelled at random moments. Each accepted task
// ends exactly once, and a cancelled one has no step that begins after the cancel was said.
TEST(ComputeExecutorSimulation, NothingIsLostDoubledOrSteppedAfterItsCancel) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const auto up_to = [&](int max) { return std::uniform_int_distribution(0, max)(random); };
    ComputeExecutor executor({.lanes = 1 + up_to(2), .tasks_max = 16});
    VirtualLanes lanes(&executor, [&](const ComputeExecutor::Work&) { return milliseconds(1 + up_to(14)); });
    std::vector<std::unique_ptr<Record>> records;
    std::map<int, std::vector<Record*>> by_session;
    std::map<Record*, int> steps_at_cancel;
    int accepted = 0;
    for (int event = 0; event < 100; ++event) {
      lanes.run_until(lanes.now() + milliseconds(up_to(20)));
      const int session = up_to(5);
      if (up_to(4) == 0) {
        ASSERT_TRUE(executor.cancel(SessionId{static_cast<std::uint64_t>(session)}, Generation{1}));
        for (Record* record : by_session[session]) steps_at_cancel.emplace(record, record->steps);
        by_session[session].clear();
        continue;
      }
      const auto now_ms = static_cast<int>(lanes.now().time_since_epoch() / milliseconds(1));
      TaskLabel made = label(session, now_ms + up_to(300), static_cast<TaskKind>(up_to(kTaskKinds - 1)));
      made.drop_when_late = made.kind == TaskKind::kPartialTranscript;
      records.push_back(std::make_unique<Record>());
      std::unique_ptr<ComputeTask> task =
          std::make_unique<CountedTask>(made, 1 + up_to(9), records.back().get());
      if (!executor.submit(task)) continue;
      ++accepted;
      by_session[session].push_back(records.back().get());
    }
    lanes.run_dry();
    int ends = 0;
    for (const auto& record : records) {
      ASSERT_LE(record->ends, 1) << "seed " << seed;
      ends += record->ends;
    }
    ASSERT_EQ(ends, accepted) << "seed " << seed;
    ASSERT_EQ(executor.tasks_in_flight(), 0);
    for (const auto& [record, steps] : steps_at_cancel) ASSERT_EQ(record->steps, steps) << "seed " << seed;
  }
}

}  // namespace
}  // namespace antiphon::pipeline
