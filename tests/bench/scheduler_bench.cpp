// What the compute scheduler costs for each step, beside steps of 1 to 15 ms.
#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/compute_scheduler.h"

namespace antiphon::pipeline {
namespace {

TaskLabel label(int number) {
  TaskLabel made;
  made.session = SessionId{static_cast<std::uint64_t>(number)};
  made.kind = TaskKind::kSynthesis;
  made.deadline = Deadline(Time(std::chrono::milliseconds(number * 7919 % 1000)));
  return made;
}

// The pure policy: pick a step among `range` tasks and put the task back.
void decision(benchmark::State& state) {
  ComputeScheduler scheduler({.tasks_max = 256});
  for (int i = 0; i < state.range(0); ++i) static_cast<void>(scheduler.add(label(i)));
  for (auto _ : state) {
    const auto chosen = scheduler.next(Time{});
    benchmark::DoNotOptimize(scheduler.step_done(chosen->task, false));
  }
}

class EmptyTask final : public ComputeTask {
 public:
  using ComputeTask::ComputeTask;
  bool step() override { return false; }
  void end(TaskEnd /*end*/) noexcept override {}
};

// All of a lane's turn: read the messages, decide, run an empty step, count it, put it back.
void lane_turn(benchmark::State& state) {
  ComputeExecutor executor({.lanes = 1, .tasks_max = 256});
  for (int i = 0; i < state.range(0); ++i) {
    std::unique_ptr<ComputeTask> task = std::make_unique<EmptyTask>(label(i));
    static_cast<void>(executor.submit(task));
  }
  for (auto _ : state) {
    auto work = executor.take(Time{});
    ComputeExecutor::run(*work);
    executor.finish(*work, 0, Time{});
  }
}

// What a media worker pays to start a task and to cancel it, and a lane to end it.
void submit_cancel_and_end(benchmark::State& state) {
  ComputeExecutor executor({.lanes = 1, .tasks_max = 256});
  for (auto _ : state) {
    std::unique_ptr<ComputeTask> task = std::make_unique<EmptyTask>(label(1));
    benchmark::DoNotOptimize(executor.submit(task));
    benchmark::DoNotOptimize(executor.cancel(SessionId{1}, Generation{}));
    benchmark::DoNotOptimize(executor.take(Time{}));
  }
}

BENCHMARK(decision)->Arg(1)->Arg(10)->Arg(100)->Arg(256);
BENCHMARK(lane_turn)->Arg(1)->Arg(100);
BENCHMARK(submit_cancel_and_end);

}  // namespace
}  // namespace antiphon::pipeline

BENCHMARK_MAIN();
