#include "pipeline/compute/compute_executor.h"

#include <cassert>
#include <limits>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr Duration::rep kNotWoken = std::numeric_limits<Duration::rep>::max();

// A task's submission, its cancel, and as many again, since a lane reads all messages before it ends the next
// task.
std::size_t messages_max(const ComputeExecutor::Config& config) {
  return 3 * static_cast<std::size_t>(config.tasks_max);
}

Deadline deadline_from(Duration::rep at) {
  return Deadline(Time(Duration(at)));
}

}  // namespace

ComputeExecutor::ComputeExecutor(const Config& config)
    : config_(config),
      messages_(messages_max(config), static_cast<std::size_t>(config.submitters_max)),
      sharing_(config.lanes, &work_bell_),
      places_(config.tasks_max),
      scheduler_({config.tasks_max + config.standing_tasks_max, config.background_lanes_max}),
      overload_(config.overload),
      tasks_(static_cast<std::size_t>(config.tasks_max + config.standing_tasks_max)) {
  assert(config.lanes > 0);
  for (int lane = 0; lane < config.lanes; ++lane) lanes_.push_back(std::make_unique<LaneHistograms>());
}

ComputeExecutor::~ComputeExecutor() {
  read_messages();
  for (std::unique_ptr<ComputeTask>& task : tasks_) {
    if (task) end_task(std::move(task), TaskEnd::kCancelled);
  }
}

bool ComputeExecutor::submit(std::unique_ptr<ComputeTask>& task) {
  assert(task);
  if (!places_.take()) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  Message message{std::move(task), {}, {}};
  if (!messages_.push(std::move(message))) {
    // NOLINTNEXTLINE(bugprone-use-after-move): what was not taken is as before
    task = std::move(message.task);
    places_.give_back();
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  announce();
  return true;
}

bool ComputeExecutor::cancel(SessionId session, Generation generation) {
  if (!messages_.push(Message{nullptr, session, generation})) return false;
  announce();
  return true;
}

void ComputeExecutor::wake(StandingId id, Deadline deadline) {
  std::atomic<Duration::rep>& wake_at = standing_[static_cast<std::size_t>(id)]->wake_at;
  const Duration::rep wish = deadline.at().time_since_epoch().count();
  Duration::rep current = wake_at.load(std::memory_order_relaxed);
  do {
    if (current <= wish) return;  // whoever asked for that has rung, or is about to
    // Release: what the task will find comes before. The lane's exchange acquires it.
  } while (
      !wake_at.compare_exchange_weak(current, wish, std::memory_order_release, std::memory_order_relaxed));
  announce();
}

ComputeExecutor::StandingId ComputeExecutor::add_standing(StandingTask* task, TaskKind kind) {
  assert(static_cast<int>(standing_.size()) < config_.standing_tasks_max);
  standing_.push_back(std::make_unique<Standing>());
  Standing& standing = *standing_.back();
  standing.task = task;
  standing.id = scheduler_.add_standing(kind);
  standing.wake_at.store(kNotWoken, std::memory_order_relaxed);
  return StandingId{static_cast<std::int32_t>(standing_.size() - 1)};
}

std::optional<ComputeExecutor::Work> ComputeExecutor::take(Time now) {
  for (;;) {
    std::unique_lock lock(mutex_);
    read_messages();
    const std::optional<ComputeScheduler::Decision> decision = scheduler_.next(now);
    if (!decision) {
      overload_.observe_time(now);
      overload_level_.store(overload_.level(), std::memory_order_relaxed);
      return std::nullopt;
    }
    if (!decision->dropped) {
      const Work work = begin_step(decision->task, now);
      const bool more = scheduler_.has_ready();
      lock.unlock();
      if (more) announce();  // for a lane that sleeps; those that run look again by themselves
      return work;
    }
    std::unique_ptr<ComputeTask> task = std::move(task_at(decision->task));
    if (*decision->dropped == TaskEnd::kLate) overload_.observe_step(task->label().deadline, now);
    lock.unlock();
    end_task(std::move(task), *decision->dropped);
  }
}

ComputeExecutor::Work ComputeExecutor::begin_step(ComputeScheduler::TaskId id, Time now) {
  Work work{.id = id, .start = now};
  if (ComputeTask* const task = task_at(id).get(); task != nullptr) {
    work.task = task;
    work.kind = task->label().kind;
    work.deadline = task->label().deadline;
  } else {
    work.kind = scheduler_.label(id).kind;
    work.deadline = scheduler_.label(id).deadline;
    for (const std::unique_ptr<Standing>& standing : standing_) {
      if (standing->id == id) work.standing = standing->task;
    }
  }
  overload_.observe_step(work.deadline, now);
  overload_level_.store(overload_.level(), std::memory_order_relaxed);
  return work;
}

void ComputeExecutor::run(Work& work) {
  if (work.standing != nullptr) {
    work.next_step = work.standing->step(work.start);
    return;
  }
  try {
    work.finished = work.task->step();
  } catch (...) {
    work.finished = true;
    work.failed = true;
  }
}

void ComputeExecutor::finish(const Work& work, int lane, Time now) {
  LaneHistograms& histograms = *lanes_[static_cast<std::size_t>(lane)];
  const auto kind = static_cast<std::size_t>(work.kind);
  histograms.step_time[kind].record(now - work.start);
  const bool has_deadline = work.deadline != Deadline::at_once();
  if (has_deadline && work.deadline.passed(work.start)) {
    histograms.lateness[kind].record(work.start - work.deadline.at());
  }
  std::unique_ptr<ComputeTask> ended;
  TaskEnd end = TaskEnd::kDone;
  {
    const std::lock_guard lock(mutex_);
    if (work.standing != nullptr) {
      scheduler_.standing_step_done(work.id, work.next_step);
    } else if (const std::optional<TaskEnd> how = scheduler_.step_done(work.id, work.finished)) {
      end = *how == TaskEnd::kDone && work.failed ? TaskEnd::kFailed : *how;
      ended = std::move(task_at(work.id));
    }
  }
  if (ended) end_task(std::move(ended), end);
}

void ComputeExecutor::announce() {
  arrivals_.fetch_add(1, std::memory_order_release);  // after what there is to take
  work_bell_.ring();
}

void ComputeExecutor::read_messages() {
  for (const std::unique_ptr<Standing>& standing : standing_) {
    const Duration::rep wake_at = standing->wake_at.exchange(kNotWoken, std::memory_order_acquire);
    if (wake_at != kNotWoken) scheduler_.wake(standing->id, deadline_from(wake_at));
  }
  Message message;
  while (messages_.pop(message)) {
    if (!message.task) {
      scheduler_.cancel(message.session, message.generation);
      continue;
    }
    const std::optional<ComputeScheduler::TaskId> id = scheduler_.add(message.task->label());
    assert(id);  // places_ counts at least the tasks in the table
    task_at(*id) = std::move(message.task);
  }
}

void ComputeExecutor::end_task(std::unique_ptr<ComputeTask> task, TaskEnd end) {
  ends_[static_cast<std::size_t>(end)].fetch_add(1, std::memory_order_relaxed);
  task->end(end);
  task.reset();
  places_.give_back();
}

std::unique_ptr<ComputeExecutor::Report> ComputeExecutor::report() const {
  auto report = std::make_unique<Report>();
  for (std::size_t kind = 0; kind < kTaskKinds; ++kind) {
    for (const std::unique_ptr<LaneHistograms>& lane : lanes_) {
      report->kinds[kind].step_time.merge(lane->step_time[kind].snapshot());
      report->kinds[kind].lateness.merge(lane->lateness[kind].snapshot());
    }
  }
  for (std::size_t end = 0; end < kTaskEnds; ++end) {
    report->ends[end] = ends_[end].load(std::memory_order_relaxed);
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t level = 0; level < kOverloadLevels; ++level) {
    report->overload_reached[level] = overload_.times_reached(static_cast<OverloadLevel>(level));
  }
  return report;
}

}  // namespace antiphon::pipeline
