#pragma once

#include <concepts>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "models/stepped.h"
#include "pipeline/compute/compute_task.h"

namespace antiphon::pipeline {

// How a task ended, as a value for its session's inbox.
template <class Result>
struct Completion {
  SessionId session{};
  Generation generation{};
  TaskEnd end = TaskEnd::kDone;
  std::optional<Result> result;  // with kDone only
};

// A task around a models::Stepped<Result>.
//
// `Start` is called by the first step, so a media worker that submits allocates neither the coroutine nor
// what it needs; it returns the Stepped. What the coroutine uses is owned by Start, or stays where it is
// until the Completion has arrived: a cancelled task may still be inside a step. `Deliver` must neither block
// nor throw.
template <class Start, class Deliver>
class SteppedTask final : public ComputeTask {
 public:
  using Work = std::invoke_result_t<Start&>;
  using Result = decltype(std::declval<Work&>().take());

  SteppedTask(const TaskLabel& label, Start start, Deliver deliver)
      : ComputeTask(label), start_(std::move(start)), deliver_(std::move(deliver)) {}

  bool step() override {
    if (!work_) work_.emplace(start_());
    return work_->step();
  }

  void end(TaskEnd end) noexcept override {
    Completion<Result> completion{label().session, label().generation, end, std::nullopt};
    if (end == TaskEnd::kDone) completion.result.emplace(work_->take());
    work_.reset();  // before the receiver learns of it: it may give away what the work was using
    deliver_(std::move(completion));
  }

 private:
  Start start_;
  std::optional<Work> work_;
  Deliver deliver_;
};

template <class Start, class Deliver>
std::unique_ptr<ComputeTask> make_stepped_task(const TaskLabel& label, Start start, Deliver deliver) {
  return std::make_unique<SteppedTask<Start, Deliver>>(label, std::move(start), std::move(deliver));
}

}  // namespace antiphon::pipeline
