// What runs on the compute lanes: pieces of model work that are done in bounded steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "pipeline/runtime/ids.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

enum class TaskKind : std::uint8_t {
  kEndOfTurn,
  kFinalTranscript,
  kPartialTranscript,
  kLanguageModel,
  kSynthesis,
  kBackground,  // embedding, compaction: runs only when nothing else can
};
inline constexpr std::size_t kTaskKinds = 6;

// What the scheduler knows of a task.
struct TaskLabel {
  SessionId session{};
  Generation generation{};
  TaskKind kind = TaskKind::kBackground;
  Deadline deadline = Deadline::never();
  // The task is dropped at a step's boundary once its deadline has passed (partial transcripts).
  bool drop_when_late = false;
};

enum class TaskEnd : std::uint8_t {
  kDone,
  kCancelled,
  kLate,    // dropped because drop_when_late
  kFailed,  // a step threw; the work is lost
};
inline constexpr std::size_t kTaskEnds = 4;

// Work that is submitted, stepped until it is finished, and gone.
//
// Owner:    ComputeExecutor from submit() on. One lane at a time calls it, not always the same one.
// Time:     step() takes at most about 15 ms.
// Errors:   an exception from step() ends the task with kFailed; end() must not throw.
// Lifetime: end() is called exactly once, whatever happens, and then the task is destroyed.
class ComputeTask {
 public:
  explicit ComputeTask(const TaskLabel& label) : label_(label) {}
  ComputeTask(const ComputeTask&) = delete;
  ComputeTask& operator=(const ComputeTask&) = delete;
  virtual ~ComputeTask() = default;

  const TaskLabel& label() const { return label_; }

  // One step; returns whether the work is finished.
  virtual bool step() = 0;
  // Hands the outcome to whoever waits for it. Never blocks: the receiver's inbox has room by its own limits.
  virtual void end(TaskEnd end) noexcept = 0;

 private:
  const TaskLabel label_;
};

// Work that stays, like a batcher over all sessions: it sleeps until it is woken, and says after each step
// when the next one is due.
//
// Owner: registered with a ComputeExecutor before the lanes start, and outlives it. One lane at a time steps
// it.
class StandingTask {
 public:
  virtual ~StandingTask() = default;

  // The next step's deadline, or nothing: sleep until ComputeExecutor::wake(). Must not throw.
  virtual std::optional<Deadline> step(Time now) noexcept = 0;
};

}  // namespace antiphon::pipeline
