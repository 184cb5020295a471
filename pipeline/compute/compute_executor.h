#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "pipeline/compute/compute_scheduler.h"
#include "pipeline/compute/compute_task.h"
#include "pipeline/compute/lane_sharing.h"
#include "pipeline/compute/overload_ladder.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/place_count.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// Keeps the tasks, hands their steps to the lanes in the scheduler's order and their outcomes to their
// receivers.
//
// A lane's turn: take(), run(), finish(); nothing is locked while a step runs. The program drives it with
// threads (ComputeLanes), a simulation with virtual time: no clock is read here.
//
// Owner:    submit(), cancel(), wake(): any thread. They never lock: what they say goes through a
//           bounded queue that the lanes empty before each decision. take(), run(), finish(): the lanes, each
//           for itself; they share a mutex for a few microseconds. add_standing(): before the first lane
//           starts.
// Cancel:   after cancel(), a lane that decides finds the task gone: at most the step that runs is finished.
// Overload: submit() refuses beyond tasks_max tasks that have not ended; every refusal is counted.
// Lifetime: the destructor ends every task that is left with kCancelled; lanes have stopped before.
class ComputeExecutor {
 public:
  struct Config {
    int lanes = 2;
    int tasks_max = 256;  // submitted and not ended
    int standing_tasks_max = 4;
    int submitters_max = 8;  // threads that call submit() or cancel()
    int background_lanes_max = 1;
    OverloadLadder::Config overload = {};
  };
  enum class StandingId : std::int32_t {};

  // A step to run, lent to one lane.
  struct Work {
    ComputeScheduler::TaskId id{};
    ComputeTask* task = nullptr;  // one of the two
    StandingTask* standing = nullptr;
    TaskKind kind = TaskKind::kBackground;
    Deadline deadline = Deadline::never();
    Time start;
    // What run() found out.
    bool finished = false;
    bool failed = false;
    std::optional<Deadline> next_step = std::nullopt;
  };

  explicit ComputeExecutor(const Config& config);
  ~ComputeExecutor();

  // --- any thread ---
  // False: refused, and `task` is still the caller's (its end() is not called).
  [[nodiscard]] bool submit(std::unique_ptr<ComputeTask>& task);
  // No further step of the generation's tasks starts; each of them ends with kCancelled. False: no room for
  // the message now, which only more than one cancel for each task in flight can bring about; say it again
  // later.
  [[nodiscard]] bool cancel(SessionId session, Generation generation);
  // The standing task is stepped by then; never fails.
  void wake(StandingId id, Deadline deadline);
  OverloadLevel overload_level() const { return overload_level_.load(std::memory_order_relaxed); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  int lanes() const { return config_.lanes; }
  int tasks_in_flight() const { return places_.taken(); }
  int tasks_max() const { return config_.tasks_max; }

  // --- before the first lane starts ---
  // `task` outlives this object.
  StandingId add_standing(StandingTask* task, TaskKind kind);

  // --- lanes ---
  // Ends what was cancelled or is late, then gives the most urgent step, or nothing: sleep at work_bell().
  std::optional<Work> take(Time now);
  // Runs the step.
  static void run(Work& work);
  // Says that it was run; ends the task if it is finished. `lane` counts from 0.
  void finish(const Work& work, int lane, Time now);
  Doorbell& work_bell() { return work_bell_; }
  // Moves when take() may give something that it did not give before; the bell is rung then.
  const std::atomic<std::uint32_t>& arrivals() const { return arrivals_; }
  // For steps that can be cut into parts.
  LaneSharing& sharing() { return sharing_; }

  struct KindReport {
    LatencySnapshot step_time;
    LatencySnapshot lateness;  // of the steps that began after their deadline
  };
  struct Report {
    std::array<KindReport, kTaskKinds> kinds;
    std::array<std::uint64_t, kTaskEnds> ends{};  // by TaskEnd
    std::array<std::uint64_t, kOverloadLevels> overload_reached{};
  };
  // A copy of all counts so far; any thread, not a media worker (it takes the lanes' mutex).
  std::unique_ptr<Report> report() const;

 private:
  struct Message {
    std::unique_ptr<ComputeTask> task;  // null: cancel what is named below
    SessionId session{};
    Generation generation{};
  };
  struct Standing {
    StandingTask* task = nullptr;
    ComputeScheduler::TaskId id{};
    std::atomic<Duration::rep> wake_at;  // of Deadline::at(); max: not woken
  };
  struct LaneHistograms {  // written by their lane
    std::array<LatencyHistogram, kTaskKinds> step_time;
    std::array<LatencyHistogram, kTaskKinds> lateness;
  };

  void announce();
  void read_messages();
  std::unique_ptr<ComputeTask>& task_at(ComputeScheduler::TaskId id) {
    return tasks_[static_cast<std::size_t>(id)];
  }
  Work begin_step(ComputeScheduler::TaskId id, Time now);
  void end_task(std::unique_ptr<ComputeTask> task, TaskEnd end);

  const Config config_;
  // Shared by all threads, each its own synchronisation.
  MpscQueue<Message> messages_;
  Doorbell work_bell_;
  std::atomic<std::uint32_t> arrivals_ = 0;
  LaneSharing sharing_;
  PlaceCount places_;  // of tasks that have not ended
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<OverloadLevel> overload_level_ = OverloadLevel::kNone;
  std::array<std::atomic<std::uint64_t>, kTaskEnds> ends_{};
  std::vector<std::unique_ptr<LaneHistograms>> lanes_;
  std::vector<std::unique_ptr<Standing>> standing_;  // constant once the lanes run
  // Protected by mutex_, which only lanes take.
  mutable std::mutex mutex_;
  ComputeScheduler scheduler_;
  OverloadLadder overload_;
  std::vector<std::unique_ptr<ComputeTask>> tasks_;  // by TaskId
};

}  // namespace antiphon::pipeline
