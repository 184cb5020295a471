// Compute lanes in virtual time behind a door, for work in the background.
#pragma once

#include <memory>
#include <utility>

#include "pipeline/jobs/job_seat.h"
#include "tests/unit/pipeline/compute/virtual_lanes.h"

namespace antiphon::pipeline {

// Lends seats without slots. Each step takes a millisecond.
class LaneDoor final : public JobDoor {
 public:
  explicit LaneDoor(const models::TextEmbedder& embedder) { networks_.embedder = &embedder; }

  JobOpening take_seat() override {
    return SessionRefusal{SessionRefusal::Reason::kOverloaded, "No slots here."};
  }
  SharedJobSeat background_seat() override {
    return std::make_shared<const JobSeat>(
        JobSeat{SlotLease(), SessionId{++seats_}, &networks_, &executor_, nullptr});
  }
  ComputeExecutor& executor() { return executor_; }
  VirtualLanes& lanes() { return lanes_; }

 private:
  static ComputeExecutor::Config config() {
    ComputeExecutor::Config config;
    config.overload.late_steps_min = 1;
    return config;
  }
  Networks networks_;
  std::uint64_t seats_ = 0;
  ComputeExecutor executor_{config()};
  VirtualLanes lanes_{&executor_, [](const ComputeExecutor::Work&) { return std::chrono::milliseconds(1); }};
};

}  // namespace antiphon::pipeline
