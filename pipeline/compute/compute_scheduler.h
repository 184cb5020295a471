#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pipeline/compute/compute_task.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// Decides which step runs next: the one whose deadline is nearest (earliest deadline first, Liu and Layland
// 1973, section 7, with preemption only between steps). Of equal deadlines the task that came first.
//
// Background tasks run only when nothing else can, and on at most background_lanes_max lanes at once, so that
// an urgent task that arrives meanwhile does not find every lane inside one of their steps.
//
// Owner:    one thread at a time; pure: it knows no thread and reads no clock.
// Time:     each call looks through the table once.
// Memory:   the table is allocated by the constructor.
// Overload: add() refuses when the table is full.
class ComputeScheduler {
 public:
  struct Config {
    int tasks_max = 256;           // standing tasks included
    int background_lanes_max = 1;  // 1 to the number of lanes
  };
  enum class TaskId : std::int32_t {};  // a place in the table: used again after the task has left it

  // What the caller has to do now.
  struct Decision {
    TaskId task;
    // Nothing: run one step, then say step_done(). Else the task has left the table without a further step.
    std::optional<TaskEnd> dropped;
  };

  explicit ComputeScheduler(const Config& config);

  // Nothing: the table is full.
  [[nodiscard]] std::optional<TaskId> add(const TaskLabel& label);
  // A task that only wake() makes ready. REQUIRES: room in the table.
  TaskId add_standing(TaskKind kind);

  // Nothing: no task is ready.
  std::optional<Decision> next(Time now);
  // Whether next() would give something to a further lane.
  bool has_ready() const;

  // A step of a submitted task was run. Returns how the task ended, and then it has left the table, or
  // nothing. A task that was cancelled meanwhile ends with kCancelled, also if this step finished it.
  std::optional<TaskEnd> step_done(TaskId task, bool finished);
  // A step of a standing task was run; nothing: it sleeps.
  void standing_step_done(TaskId task, std::optional<Deadline> next_step);
  // The standing task has something to do by then; of several wishes the nearest counts.
  void wake(TaskId task, Deadline deadline);

  // No step of these tasks starts any more: next() gives them with kCancelled. Returns how many there are.
  int cancel(SessionId session, Generation generation);

  // REQUIRES: in the table.
  const TaskLabel& label(TaskId task) const { return table_[static_cast<std::size_t>(task)].label; }
  int tasks() const { return tasks_; }  // in the table, without standing ones

 private:
  enum class State : std::uint8_t { kFree, kReady, kRunning, kSleeping };
  struct Task {
    TaskLabel label;
    State state = State::kFree;
    bool standing = false;
    bool cancelled = false;
    std::optional<Deadline> woken_for = std::nullopt;  // a standing task that was woken while it ran
    std::uint64_t arrival = 0;
  };

  Task& at(TaskId id) { return table_[static_cast<std::size_t>(id)]; }
  TaskId id_of(const Task& task) const { return TaskId{static_cast<std::int32_t>(&task - table_.data())}; }
  std::optional<TaskId> take_place(const TaskLabel& label);
  bool may_run(const Task& task) const;
  static bool goes_before(const Task& a, const Task& b);
  void end_step(const Task& task);
  void leave(Task& task);

  const Config config_;
  std::vector<Task> table_;
  std::uint64_t arrivals_ = 0;
  int tasks_ = 0;
  int background_running_ = 0;
};

}  // namespace antiphon::pipeline
