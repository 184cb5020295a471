#include "pipeline/runtime/tick_schedule.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <limits>

namespace antiphon::pipeline {
namespace {

// Each phase lies far from the ones before it in this order.
constexpr std::array<std::uint8_t, TickSchedule::kPhases> kFillOrder = {0, 5, 2, 7, 4, 9, 1, 6, 3, 8};

}  // namespace

Phase TickSchedule::join(Time now) {
  const std::size_t phase = *std::min_element(kFillOrder.begin(), kFillOrder.end(),
                                              [&](auto a, auto b) { return sessions_[a] < sessions_[b]; });
  if (sessions_[phase] == 0) first_step_[phase] = first_step_from(now);
  ++sessions_[phase];
  ++sessions_total_;
  return Phase{static_cast<std::uint8_t>(phase)};
}

void TickSchedule::leave(Phase phase) {
  int& sessions = sessions_[static_cast<std::size_t>(phase)];
  assert(sessions > 0);
  --sessions;
  --sessions_total_;
}

std::optional<TickSchedule::Tick> TickSchedule::peek() const {
  if (sessions_total_ == 0) return std::nullopt;
  const std::int64_t step = nearest_tick();
  return Tick{Phase{static_cast<std::uint8_t>(step % kPhases)}, step / kPhases, due_of(step)};
}

int TickSchedule::advance(Time now) {
  assert(sessions_total_ > 0);
  step_ = nearest_tick() + 1;
  if (due_of(nearest_tick()) >= now - kCatchUpMax) return 0;
  const std::int64_t target = first_step_from(now);
  std::int64_t skipped = 0;
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    if (sessions_[phase] == 0) continue;
    skipped += (tick_of_phase(phase, target) - tick_of_phase(phase, step_)) / kPhases;
  }
  step_ = target;
  return static_cast<int>(skipped);
}

std::int64_t TickSchedule::first_step_from(Time now) const {
  if (now <= origin_) return 0;
  return (now - origin_ + kPhaseStep - Duration(1)) / kPhaseStep;
}

std::int64_t TickSchedule::tick_of_phase(std::size_t phase, std::int64_t step) const {
  const std::int64_t from = std::max(step, first_step_[phase]);
  const auto offset = (static_cast<std::int64_t>(phase) - from % kPhases + kPhases) % kPhases;
  return from + offset;
}

std::int64_t TickSchedule::nearest_tick() const {
  std::int64_t nearest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t phase = 0; phase < kPhases; ++phase) {
    if (sessions_[phase] > 0) nearest = std::min(nearest, tick_of_phase(phase, step_));
  }
  return nearest;
}

}  // namespace antiphon::pipeline
