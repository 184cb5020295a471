#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/language_model_batcher.h"
#include "pipeline/compute/slot_pool.h"
#include "pipeline/compute/voice_activity_lane.h"
#include "pipeline/engine/media_loop.h"
#include "pipeline/engine/networks.h"
#include "pipeline/jobs/job_seat.h"
#include "pipeline/session_port.h"

namespace antiphon::pipeline {

struct EngineConfig {
  int sessions_max = 16;  // each needs a slot of the voice activity, turn and language model networks
  int compute_lanes = 0;  // 0: one less than processors, at least 2
  int io_threads = 1;     // that will call the door
  SessionLimits limits = {};
  Memory* memory = nullptr;          // null: nobody is remembered; outlives the engine
  TurnObserver* observer = nullptr;  // hears of every answered turn too; may be null, outlives the engine
  WallTime (*wall_clock)() = std::chrono::system_clock::now;  // asked once for each session
};

// A bounded queue, now and so far.
struct QueueReport {
  int waiting = 0;
  int capacity = 0;
  std::uint64_t refused = 0;
};

// What an operator wants to know of a running engine.
struct EngineReport {
  int sessions = 0;
  std::uint64_t sessions_refused = 0;
  int seats = 0;
  TurnReport turns;
  LatencySnapshot tick_lateness;
  LatencySnapshot voice_activity_batch;  // of Engine; else empty
  MediaCounts media;
  QueueReport voice_windows;
  QueueReport compute_tasks;
  QueueReport language_model_requests;
  std::unique_ptr<ComputeExecutor::Report> compute;
  LanguageModelBatcher::Counts language_model;
};

// Everything behind the door but the threads: the sessions' loop, the compute executor, the voice activity
// queue. An Engine runs them with threads, a simulation in virtual time.
//
// Owner:    the doors' calls and report(): any thread; each part: as its header says.
// Overload: a session, or a job, needs one of sessions_max seats, which is the same slot of all networks;
// without a free
//           one it is refused.
// Lifetime: the networks outlive it; every port is gone before it, and the loop has stopped.
class EngineCore final : public SessionDoor, public JobDoor {
 public:
  // REQUIRES: networks with at least sessions_max slots. `start`: the origin of the sessions' ticks.
  EngineCore(const Networks& networks, const EngineConfig& config, Time start);

  Opening open(const SessionRequest& request, std::unique_ptr<EventSink> sink) override;
  JobOpening take_seat() override;
  SharedJobSeat background_seat() override;
  std::vector<std::string> missing() const override;
  void drain() override;

  MediaLoop& media() { return media_; }
  ComputeExecutor& executor() { return executor_; }
  VoiceActivityQueue& voice_activity() { return voice_activity_; }

  EngineReport report() const;

 private:
  SessionContext shared_context();
  std::variant<SlotLease, SessionRefusal> free_seat();
  SessionId next_id() { return SessionId{ids_.fetch_add(1, std::memory_order_relaxed) + 1}; }

  const Networks networks_;
  const EngineConfig config_;
  SlotPool seats_;
  std::atomic<std::uint64_t> ids_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<bool> draining_ = false;
  MediaLoop media_;  // goes after all that delivers into it
  LanguageModelBatcher batcher_;
  ComputeExecutor executor_;
  VoiceActivityQueue voice_activity_;
};

}  // namespace antiphon::pipeline
