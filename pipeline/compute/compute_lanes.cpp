#include "pipeline/compute/compute_lanes.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {
namespace {

constexpr Duration kOverloadLook = std::chrono::milliseconds(200);

}  // namespace

ComputeLanes::ComputeLanes(ComputeExecutor* executor) : executor_(executor) {
  const int lanes = executor->lanes();
  threads_.reserve(static_cast<std::size_t>(lanes));
  for (int lane = 0; lane < lanes; ++lane) {
    threads_.emplace_back(ThreadRole::kComputeLane, lane, [this, lane] { run_lane(lane); });
  }
}

ComputeLanes::~ComputeLanes() {
  stopping_.store(true, std::memory_order_relaxed);  // the bell orders it
  executor_->work_bell().ring();
}

std::string ComputeLanes::shortfall() {
  std::string first;
  for (RoleThread& thread : threads_) {
    RoleStatus status = thread.status();
    if (first.empty()) first = std::move(status.shortfall);
  }
  return first;
}

void ComputeLanes::run_lane(int lane) {
  while (!stopping_.load(std::memory_order_relaxed)) {
    const std::uint32_t arrivals = executor_->arrivals().load(std::memory_order_acquire);
    std::optional<ComputeExecutor::Work> work = executor_->take(Clock::now());
    if (!work) {
      executor_->sharing().help(executor_->arrivals(), arrivals);
      wait_for_work();
      continue;
    }
    ComputeExecutor::run(*work);
    executor_->finish(*work, lane, Clock::now());
  }
  executor_->work_bell().ring();  // the next lane hears of the stop
}

void ComputeLanes::wait_for_work() {
  if (executor_->overload_level() == OverloadLevel::kNone) {
    executor_->work_bell().wait();
    return;
  }
  // Looks again before there is work, so that the overload is over for those who ask about it first.
  static_cast<void>(executor_->work_bell().wait_until(Clock::now() + kOverloadLook));
}

}  // namespace antiphon::pipeline
