#include "tests/load/crew.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace antiphon::load {
namespace {

using server::kAsTuple;
using std::chrono::milliseconds;
namespace asio = server::asio;

constexpr std::size_t kOffsets = 20;    // a millisecond each
constexpr std::size_t kOffsetStep = 7;  // those that come one after another lie apart
constexpr std::int64_t kLookTicks = 10;
constexpr int kNewPerLook = 3;  // 300 a second: connections do not come all at once
constexpr std::int64_t kTicksPerSecond = 1000;
constexpr milliseconds kEndMax{3000};

}  // namespace

Crew::Crew(const TalkerSettings& settings, int number, int crews, int phases, std::uint64_t seed)
    : settings_(settings), number_(number), crews_(crews), dice_(seed + static_cast<std::uint64_t>(number)) {
  for (int i = 0; i < phases; ++i) stats_.push_back(std::make_unique<LoadStats>());
  by_offset_.resize(kOffsets);
  for (int part = static_cast<int>(settings.parts->parts.size()) - 1; part >= 0; --part) {
    if (part % crews == number) free_parts_.push_back(part);
  }
  begin_ = pipeline::Clock::now();
  asio::co_spawn(io_, run(), asio::detached);
  thread_ = std::jthread([this] { io_.run(); });
}

Crew::~Crew() {
  end();
}

void Crew::become(int phase, const Population& population) {
  const auto share = [this](int all) { return all / crews_ + (number_ < all % crews_ ? 1 : 0); };
  Population own = population;
  own.talking = share(population.talking);
  own.silent = share(population.silent);
  own.mute = share(population.mute);
  own.stop_reading = share(population.stop_reading);
  own.knocking = share(population.knocking);
  own.leave_per_second = population.leave_per_second / crews_;
  asio::post(io_, [this, phase, own] {
    phase_.store(phase, std::memory_order_relaxed);
    population_ = own;
  });
}

void Crew::end() {
  if (!thread_.joinable()) return;
  asio::post(io_, [this] {
    ending_ = true;
    for (auto& members : by_offset_) {
      for (Member& member : members) member.talker->leave(false);
    }
  });
  thread_.join();
}

asio::awaitable<void> Crew::run() {
  asio::steady_timer timer(io_);
  std::optional<Time> ends;
  for (std::int64_t tick = 0;; ++tick) {
    const Time due = begin_ + milliseconds(tick);
    timer.expires_at(due);
    co_await timer.async_wait(kAsTuple);
    if (!ending_) send_frames(tick);
    if (tick % kLookTicks == 0) look_after();
    if (!ending_) continue;
    if (!ends) ends = due + kEndMax;
    if (connected_.load(std::memory_order_relaxed) == 0 || due >= *ends) break;
  }
  io_.stop();
}

void Crew::send_frames(std::int64_t tick) {
  const Time due = begin_ + milliseconds(tick);
  for (Member& member : by_offset_[static_cast<std::size_t>(tick) % kOffsets]) {
    member.talker->frame(due, pipeline::Clock::now());
  }
}

void Crew::look_after() {
  int connected = 0;
  for (auto& members : by_offset_) {
    std::erase_if(members, [this](const Member& member) {
      if (member.talker->gone()) free_parts_.push_back(member.part);
      return member.talker->gone();
    });
    connected += static_cast<int>(members.size());
    for (Member& member : members) {
      member.talker->interrupt(population_.barge_in_share);
      if (member.knocks && member.talker->admitted()) member.talker->leave(false);
    }
  }
  connected_.store(connected, std::memory_order_relaxed);
  if (ending_) return;
  match(Behaviour::kTalks, population_.talking);
  match(Behaviour::kSilent, population_.silent);
  match(Behaviour::kMute, population_.mute);
  match(Behaviour::kStopsReading, population_.stop_reading);
  let_some_leave();
  knock();
}

void Crew::match(Behaviour behaviour, int wanted) {
  int there = 0;
  for (auto& members : by_offset_) {
    for (Member& member : members) {
      if (member.knocks || member.talker->behaviour() != behaviour) continue;
      if (++there > wanted) member.talker->leave(false);
    }
  }
  for (int added = 0; there < wanted && added < kNewPerLook; ++there, ++added) add(behaviour, false);
}

void Crew::knock() {
  for (knocks_due_ += population_.knocking * kLookTicks; knocks_due_ >= kTicksPerSecond;
       knocks_due_ -= kTicksPerSecond) {
    add(Behaviour::kTalks, true);
  }
}

void Crew::let_some_leave() {
  const double chance = population_.leave_per_second * static_cast<double>(kLookTicks) / 1000;
  std::uniform_real_distribution<double> share(0, 1);
  if (chance == 0 || share(dice_) >= chance) return;
  auto& members = by_offset_[dice_() % kOffsets];
  if (members.empty()) return;
  members[dice_() % members.size()].talker->leave(share(dice_) < population_.abrupt_share);
}

void Crew::add(Behaviour behaviour, bool knocks) {
  if (free_parts_.empty()) return;
  const int part = free_parts_.back();
  free_parts_.pop_back();
  auto talker = std::make_shared<Talker>(
      io_, settings_, settings_.parts->parts[static_cast<std::size_t>(part)], behaviour, dice_(),
      [this]() -> LoadStats& {
        return *stats_[static_cast<std::size_t>(phase_.load(std::memory_order_relaxed))];
      });
  talker->connect();
  by_offset_[next_offset_].push_back({std::move(talker), part, knocks});
  next_offset_ = (next_offset_ + kOffsetStep) % kOffsets;
}

}  // namespace antiphon::load
