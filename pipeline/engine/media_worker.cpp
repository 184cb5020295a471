#include "pipeline/engine/media_worker.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace antiphon::pipeline {
namespace {

// Two rings are answered so far apart at least. With hundreds of sessions one rings every 50 us, and half of
// the thread's time went into falling asleep and waking up; meanwhile nobody has to wake it either.
constexpr std::chrono::microseconds kRest{500};
// With many sessions: what they gain together by fewer wake-ups is more than one of them loses.
constexpr std::size_t kManySessions = 16;
constexpr std::chrono::microseconds kRestOfMany{1000};

}  // namespace

MediaWorker::MediaWorker(int number, MediaLoop* loop)
    : loop_(loop), thread_(ThreadRole::kMediaWorker, number, [this] { run(); }) {}

MediaWorker::~MediaWorker() {
  loop_->stop();
}

void MediaWorker::run() {
  while (true) {
    const Time begin = Clock::now();
    loop_->run(begin);
    if (loop_->stopped()) return;
    const auto tick = loop_->next_tick();
    const Time rested = begin + (loop_->sessions() < kManySessions ? kRest : kRestOfMany);
    if (rung_) std::this_thread::sleep_until(tick ? std::min(*tick, rested) : rested);
    rung_ = wait(tick);
  }
}

// Whether the bell has ended it.
bool MediaWorker::wait(std::optional<Time> tick) {
  if (tick) return loop_->bell().wait_until(*tick);
  loop_->bell().wait();
  return true;
}

}  // namespace antiphon::pipeline
