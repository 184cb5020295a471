#pragma once

#include <atomic>
#include <cassert>
#include <memory>
#include <optional>
#include <utility>

#include "pipeline/compute/stepped_task.h"
#include "pipeline/jobs/job_seat.h"

namespace antiphon::pipeline {

// A job's piece of work on the compute lanes, and the way back of its result: one at a time.
//
// Owner:    one thread. Its destructor cancels what is still going on and does not wait for it.
// Overload: start() refuses if the lanes have no room.
template <class Result>
class Errand {
 public:
  Errand(SharedJobSeat seat, std::shared_ptr<JobBell> bell)
      : seat_(std::move(seat)), bell_(std::move(bell)) {}
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  ~Errand() {
    // Refused only if the lanes are swamped with cancels; then the work is done for nobody.
    if (on_its_way_) static_cast<void>(seat_->executor->cancel(seat_->id, generation_));
  }

  // `work` returns a models::Stepped<Result>; what it uses it owns, or it is the networks'.
  // REQUIRES: not running().
  template <class Work>
  [[nodiscard]] bool start(Work work, Time now) {
    return start(std::move(work), Deadline(now + kJobDue));
  }
  // `due`: against other work in the background only.
  template <class Work>
  [[nodiscard]] bool start(Work work, Deadline due) {
    assert(!running());
    generation_ = next(generation_);
    on_its_way_ = std::make_shared<OnItsWay>();
    const TaskLabel label{seat_->id, generation_, TaskKind::kBackground, due, false};
    auto deliver = [way = on_its_way_, seat = seat_, bell = bell_](Completion<Result> done) {
      way->completion = std::move(done);
      way->arrived.store(true, std::memory_order_release);
      bell->ring();
    };
    auto task = make_stepped_task(label, std::move(work), std::move(deliver));
    if (seat_->executor->submit(task)) return true;
    on_its_way_.reset();
    return false;
  }
  bool running() const { return on_its_way_ != nullptr; }

  // What the work came to, once: without a result if a step of it threw.
  std::optional<Completion<Result>> take() {
    if (!on_its_way_ || !on_its_way_->arrived.load(std::memory_order_acquire)) return std::nullopt;
    return std::move(std::exchange(on_its_way_, nullptr)->completion);
  }

 private:
  struct OnItsWay {  // the lane's until `arrived`
    Completion<Result> completion;
    std::atomic<bool> arrived = false;
  };

  const SharedJobSeat seat_;
  const std::shared_ptr<JobBell> bell_;
  Generation generation_{};
  std::shared_ptr<OnItsWay> on_its_way_;
};

}  // namespace antiphon::pipeline
