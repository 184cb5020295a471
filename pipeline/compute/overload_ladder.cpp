#include "pipeline/compute/overload_ladder.h"

#include <algorithm>

namespace antiphon::pipeline {

void OverloadLadder::observe_step(Deadline deadline, Time now) {
  observe_time(now);
  if (deadline == Deadline::never() || deadline == Deadline::at_once()) return;
  ++steps_;
  if (deadline.passed(now)) ++late_steps_;
}

void OverloadLadder::observe_time(Time now) {
  if (interval_end_ == Time::min()) interval_end_ = now + config_.interval;
  if (now < interval_end_) return;
  close_interval();
  const std::int64_t more = (now - interval_end_) / config_.interval;  // all of them empty
  calm_intervals_ += more;
  interval_end_ += (more + 1) * config_.interval;
  const std::int64_t levels = calm_intervals_ / config_.calm_intervals_down;
  step_down(levels);
  calm_intervals_ %= config_.calm_intervals_down;
}

void OverloadLadder::close_interval() {
  const bool overloaded = late_steps_ >= config_.late_steps_min &&
                          late_steps_ > config_.late_part_max * static_cast<double>(steps_);
  if (overloaded) step_up();
  calm_intervals_ = late_steps_ < config_.late_steps_min ? calm_intervals_ + 1 : 0;
  steps_ = 0;
  late_steps_ = 0;
}

void OverloadLadder::step_up() {
  const auto level = static_cast<std::size_t>(level_);
  if (level + 1 == kOverloadLevels) return;
  level_ = static_cast<OverloadLevel>(level + 1);
  ++times_reached_[level + 1];
}

void OverloadLadder::step_down(std::int64_t levels) {
  const auto level = static_cast<std::int64_t>(level_);
  level_ = static_cast<OverloadLevel>(level - std::min(level, levels));
}

}  // namespace antiphon::pipeline
