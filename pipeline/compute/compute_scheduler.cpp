#include "pipeline/compute/compute_scheduler.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace antiphon::pipeline {

ComputeScheduler::ComputeScheduler(const Config& config)
    : config_(config), table_(static_cast<std::size_t>(config.tasks_max)) {
  assert(config.tasks_max > 0 && config.background_lanes_max > 0);
}

std::optional<ComputeScheduler::TaskId> ComputeScheduler::add(const TaskLabel& label) {
  const std::optional<TaskId> id = take_place(label);
  if (!id) return std::nullopt;
  at(*id).state = State::kReady;
  ++tasks_;
  return id;
}

ComputeScheduler::TaskId ComputeScheduler::add_standing(TaskKind kind) {
  const std::optional<TaskId> id = take_place({.kind = kind});
  assert(id);
  at(*id).state = State::kSleeping;
  at(*id).standing = true;
  return *id;
}

std::optional<ComputeScheduler::TaskId> ComputeScheduler::take_place(const TaskLabel& label) {
  const auto place =
      std::find_if(table_.begin(), table_.end(), [](const Task& task) { return task.state == State::kFree; });
  if (place == table_.end()) return std::nullopt;
  *place = Task{.label = label, .arrival = arrivals_++};
  return TaskId{static_cast<std::int32_t>(place - table_.begin())};
}

std::optional<ComputeScheduler::Decision> ComputeScheduler::next(Time now) {
  Task* best = nullptr;
  for (Task& task : table_) {
    if (task.state != State::kReady) continue;
    const bool late = task.label.drop_when_late && task.label.deadline.passed(now);
    if (task.cancelled || late) {
      leave(task);
      return Decision{id_of(task), task.cancelled ? TaskEnd::kCancelled : TaskEnd::kLate};
    }
    if (may_run(task) && (best == nullptr || goes_before(task, *best))) best = &task;
  }
  if (best == nullptr) return std::nullopt;
  best->state = State::kRunning;
  if (best->label.kind == TaskKind::kBackground) ++background_running_;
  return Decision{id_of(*best), std::nullopt};
}

bool ComputeScheduler::has_ready() const {
  return std::any_of(table_.begin(), table_.end(), [&](const Task& task) {
    return task.state == State::kReady && (task.cancelled || may_run(task));
  });
}

std::optional<TaskEnd> ComputeScheduler::step_done(TaskId id, bool finished) {
  Task& task = at(id);
  assert(!task.standing);
  end_step(task);
  if (!task.cancelled && !finished) {
    task.state = State::kReady;
    return std::nullopt;
  }
  leave(task);
  return task.cancelled ? TaskEnd::kCancelled : TaskEnd::kDone;
}

void ComputeScheduler::standing_step_done(TaskId id, std::optional<Deadline> next_step) {
  Task& task = at(id);
  assert(task.standing);
  end_step(task);
  task.state = State::kSleeping;
  const std::optional<Deadline> asked = std::exchange(task.woken_for, std::nullopt);
  if (next_step) wake(id, *next_step);
  if (asked) wake(id, *asked);
}

void ComputeScheduler::wake(TaskId id, Deadline deadline) {
  Task& task = at(id);
  assert(task.standing);
  switch (task.state) {
    case State::kSleeping:
      task.label.deadline = deadline;
      task.arrival = arrivals_++;
      task.state = State::kReady;
      break;
    case State::kReady:
      task.label.deadline = std::min(task.label.deadline, deadline);
      break;
    case State::kRunning:
      task.woken_for = task.woken_for ? std::min(*task.woken_for, deadline) : deadline;
      break;
    case State::kFree:
      assert(false);
  }
}

int ComputeScheduler::cancel(SessionId session, Generation generation) {
  int found = 0;
  for (Task& task : table_) {
    if (task.state == State::kFree || task.standing || task.cancelled) continue;
    if (task.label.session != session || task.label.generation != generation) continue;
    task.cancelled = true;
    ++found;
  }
  return found;
}

bool ComputeScheduler::may_run(const Task& task) const {
  return task.label.kind != TaskKind::kBackground || background_running_ < config_.background_lanes_max;
}

bool ComputeScheduler::goes_before(const Task& a, const Task& b) {
  const bool a_background = a.label.kind == TaskKind::kBackground;
  const bool b_background = b.label.kind == TaskKind::kBackground;
  if (a_background != b_background) return b_background;
  if (a.label.deadline != b.label.deadline) return a.label.deadline < b.label.deadline;
  return a.arrival < b.arrival;
}

void ComputeScheduler::end_step(const Task& task) {
  assert(task.state == State::kRunning);
  if (task.label.kind == TaskKind::kBackground) --background_running_;
}

void ComputeScheduler::leave(Task& task) {
  task.state = State::kFree;
  --tasks_;
}

}  // namespace antiphon::pipeline
