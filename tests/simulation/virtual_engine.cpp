#include "tests/simulation/virtual_engine.h"

#include <algorithm>
#include <chrono>

namespace antiphon::simulation {

using pipeline::ComputeExecutor;

namespace {

constexpr Duration kOverloadLook = std::chrono::milliseconds(200);  // as often as ComputeLanes

}  // namespace

VirtualEngine::VirtualEngine(const pipeline::Networks& networks, const pipeline::EngineConfig& config,
                             const Speeds& speeds, Dice* dice)
    : speeds_(speeds),
      dice_(dice),
      core_(networks, config, now_),
      lanes_(static_cast<std::size_t>(core_.executor().lanes())) {}

void VirtualEngine::at(Time time, std::function<void()> event) {
  events_.emplace(std::max(time, now_), std::move(event));
}

Duration VirtualEngine::late(Duration usual) {
  Duration duration = dice_->duration(usual / 2, usual + usual / 2);
  if (dice_->chance(speeds_.stall_chance)) duration += dice_->duration(Duration::zero(), speeds_.stall_max);
  return duration;
}

void VirtualEngine::answer_bells() {
  if (!media_wake_ && core_.media().bell().try_take()) media_wake_ = now_ + late(speeds_.media_wake);
  const std::optional<Time> tick = core_.media().next_tick();
  if (tick != tick_) {
    tick_ = tick;
    if (tick) tick_wake_ = *tick + late(speeds_.media_wake);
  }
  if (!voice_end_ && core_.voice_activity().bell().try_take()) voice_end_ = now_ + late(speeds_.voice_pass);
  for (Lane& lane : lanes_) {
    if (!lane.work && core_.executor().work_bell().try_take()) start_step(lane);
  }
  const bool overloaded = core_.executor().overload_level() != pipeline::OverloadLevel::kNone;
  if (overloaded && !overload_look_) overload_look_ = now_ + kOverloadLook;
}

void VirtualEngine::start_step(Lane& lane) {
  lane.work = core_.executor().take(now_);
  if (!lane.work) return;
  lane.end = now_ + late(speeds_.step[static_cast<std::size_t>(lane.work->kind)]);
  // What the step brings about may come at any moment of it: at one of its two ends.
  lane.ran = dice_->chance(0.5);
  if (lane.ran) ComputeExecutor::run(*lane.work);
}

void VirtualEngine::end_step(Lane& lane) {
  if (!lane.ran) ComputeExecutor::run(*lane.work);
  core_.executor().finish(*lane.work, static_cast<int>(&lane - lanes_.data()), now_);
  lane.work.reset();
  start_step(lane);
}

std::optional<Time> VirtualEngine::media_due() const {
  if (!tick_) return media_wake_;
  return media_wake_ ? std::min(*media_wake_, tick_wake_) : tick_wake_;
}

void VirtualEngine::run_due() {
  const auto busy_until_now = [this](const Lane& lane) { return lane.work && lane.end <= now_; };
  if (!events_.empty() && events_.begin()->first <= now_) {
    const auto event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  } else if (voice_end_ && *voice_end_ <= now_) {
    voice_end_.reset();
    if (core_.voice_activity().run_batch()) voice_end_ = now_ + late(speeds_.voice_pass);
  } else if (overload_look_ && *overload_look_ <= now_) {
    overload_look_.reset();
    core_.executor().work_bell().ring();
  } else if (const auto lane = std::ranges::find_if(lanes_, busy_until_now); lane != lanes_.end()) {
    end_step(*lane);
  } else {
    media_wake_.reset();
    tick_.reset();
    core_.media().run(now_);
  }
}

bool VirtualEngine::step() {
  answer_bells();
  std::optional<Time> next;
  const auto consider = [&next](std::optional<Time> time) {
    if (time && (!next || *time < *next)) next = time;
  };
  consider(media_due());
  consider(voice_end_);
  consider(overload_look_);
  if (!events_.empty()) consider(events_.begin()->first);
  for (const Lane& lane : lanes_) {
    if (lane.work) consider(lane.end);
  }
  if (!next) return false;
  now_ = std::max(now_, *next);
  run_due();
  return true;
}

}  // namespace antiphon::simulation
