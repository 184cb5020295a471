#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pipeline/compute/compute_lanes.h"
#include "pipeline/compute/voice_activity_lane.h"
#include "pipeline/engine/engine_core.h"
#include "pipeline/engine/media_worker.h"

namespace antiphon::pipeline {

// The threads behind the door: a media worker that owns the sessions, the realtime lane, the compute lanes.
//
// Owner:    the composition root; the doors' calls and report(): any thread.
// Overload: as EngineCore's.
// Lifetime: the networks outlive it, and every port is gone before it.
class Engine final : public SessionDoor, public JobDoor {
 public:
  // REQUIRES: networks with at least sessions_max slots.
  Engine(const Networks& networks, const EngineConfig& config);

  Opening open(const SessionRequest& request, std::unique_ptr<EventSink> sink) override {
    return core_.open(request, std::move(sink));
  }
  JobOpening take_seat() override { return core_.take_seat(); }
  SharedJobSeat background_seat() override { return core_.background_seat(); }
  std::vector<std::string> missing() const override { return core_.missing(); }
  void drain() override { core_.drain(); }

  EngineReport report() const;
  // What the system refused to the threads, a sentence each. Call once.
  std::vector<std::string> shortfalls();

 private:
  EngineCore core_;
  VoiceActivityLane realtime_lane_;
  ComputeLanes lanes_;
  MediaWorker worker_;  // goes first
};

}  // namespace antiphon::pipeline
