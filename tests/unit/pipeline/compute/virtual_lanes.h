#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// The lanes of a ComputeExecutor in virtual time: a step runs at once and takes as long as `step_time` says.
class VirtualLanes {
 public:
  using StepTime = std::function<Duration(const ComputeExecutor::Work&)>;

  VirtualLanes(ComputeExecutor* executor, StepTime step_time)
      : executor_(executor),
        step_time_(std::move(step_time)),
        lanes_(static_cast<std::size_t>(executor->lanes())) {}

  Time now() const { return now_; }
  bool idle() const {
    for (const Lane& lane : lanes_) {
      if (lane.work) return false;
    }
    return true;
  }

  // Lets the lanes work until `time`; steps that began before may end later.
  void run_until(Time time) {
    for (;;) {
      start_steps();
      Lane* const next = first_to_end();
      if (next == nullptr || next->end > time) break;
      now_ = next->end;
      executor_->finish(*next->work, static_cast<int>(next - lanes_.data()), now_);
      next->work.reset();
    }
    now_ = std::max(now_, time);
  }
  // Until there is nothing to do.
  void run_dry() {
    do {
      run_until(now_ + std::chrono::milliseconds(100));
    } while (!idle());
  }

 private:
  struct Lane {
    std::optional<ComputeExecutor::Work> work;
    Time end;
  };

  void start_steps() {
    for (Lane& lane : lanes_) {
      if (lane.work) continue;
      lane.work = executor_->take(now_);
      if (!lane.work) return;
      lane.end = now_ + step_time_(*lane.work);
      ComputeExecutor::run(*lane.work);
    }
  }
  Lane* first_to_end() {
    Lane* first = nullptr;
    for (Lane& lane : lanes_) {
      if (lane.work && (first == nullptr || lane.end < first->end)) first = &lane;
    }
    return first;
  }

  ComputeExecutor* const executor_;
  const StepTime step_time_;
  std::vector<Lane> lanes_;
  Time now_{};
};

}  // namespace antiphon::pipeline
