#include "pipeline/engine/media_worker.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace antiphon::pipeline {
namespace {

// Two rings are answered so far apart at least. With hundreds of sessions one rings every 50 us, and half of
// the thread's time went into falling asleep and waking up; meanwhile nobody has to wake it either.
constexpr std::chrono::microseconds kRest{500};

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
    if (rung_) std::this_thread::sleep_until(tick ? std::min(*tick, begin + kRest) : begin + kRest);
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
