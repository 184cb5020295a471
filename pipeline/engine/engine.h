#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/compute_lanes.h"
#include "pipeline/compute/language_model_batcher.h"
#include "pipeline/compute/slot_pool.h"
#include "pipeline/compute/voice_activity_lane.h"
#include "pipeline/engine/media_worker.h"
#include "pipeline/engine/networks.h"
#include "pipeline/jobs/job_seat.h"
#include "pipeline/session_port.h"

namespace antiphon::pipeline {

struct EngineConfig {
  int sessions_max = 16;  // each needs a slot of the voice activity, turn and language model networks
  int compute_lanes = 0;  // 0: one less than processors, at least 2
  int io_threads = 1;     // that will call the door
  SessionLimits limits = {};
};

// What an operator wants to know of a running engine.
struct EngineReport {
  int sessions = 0;
  std::uint64_t sessions_refused = 0;
  TurnReport turns;
  LatencySnapshot tick_lateness;
  LatencySnapshot voice_activity_batch;
  std::unique_ptr<ComputeExecutor::Report> compute;
  LanguageModelBatcher::Counts language_model;
};

// The threads behind the door: a media worker that owns the sessions, the realtime lane, the compute lanes.
//
// Owner:    the composition root; the SessionDoor's calls and report(): any thread.
// Overload: a session needs one of sessions_max seats, which is the same slot of all networks; without a free
//           one it is refused.
// Lifetime: the networks outlive it, and every port is gone before it.
class Engine final : public SessionDoor, public JobDoor {
 public:
  // REQUIRES: networks with at least sessions_max slots.
  Engine(const Networks& networks, const EngineConfig& config);
  ~Engine() override;

  Opening open(const SessionRequest& request, std::unique_ptr<EventSink> sink) override;
  JobOpening take_seat() override;
  std::vector<std::string> missing() const override { return {}; }  // the networks were warmed up before
  void drain() override;

  EngineReport report() const;
  // What the system refused to the threads, a sentence each. Call once.
  std::vector<std::string> shortfalls();

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
  LanguageModelBatcher batcher_;
  ComputeExecutor executor_;
  VoiceActivityLane voice_activity_;
  std::unique_ptr<ComputeLanes> lanes_;
  std::unique_ptr<MediaWorker> worker_;  // goes first
};

}  // namespace antiphon::pipeline
