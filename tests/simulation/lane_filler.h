#pragma once

#include <utility>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/stepped_task.h"

namespace antiphon::simulation {

// Takes every place that the compute lanes have for tasks, so that they refuse those of the sessions.
//
// Lifetime: ends before the executor; empty() is called before.
class LaneFiller {
 public:
  explicit LaneFiller(pipeline::ComputeExecutor* executor) : executor_(executor) {}

  // Takes the places that are free now.
  void fill() {
    filling_ = true;
    const pipeline::TaskLabel label{kNobody, pipeline::Generation{1}, pipeline::TaskKind::kBackground,
                                    pipeline::Deadline::never(), false};
    for (;;) {
      auto task = make_stepped_task(label, [this] { return wait(&filling_); }, [](auto) {});
      if (!executor_->submit(task)) return;
    }
  }
  // Gives all back.
  void empty() { filling_ = false; }

 private:
  static constexpr pipeline::SessionId kNobody{1'000'000};
  static models::Stepped<int> wait(const bool* filling) {
    while (*filling) co_await models::kNextStep;
    co_return 0;
  }

  pipeline::ComputeExecutor* const executor_;
  bool filling_ = false;
};

}  // namespace antiphon::simulation
