#include "pipeline/engine/media_worker.h"

namespace antiphon::pipeline {

MediaWorker::MediaWorker(int number, MediaLoop* loop)
    : loop_(loop), thread_(ThreadRole::kMediaWorker, number, [this] { run(); }) {}

MediaWorker::~MediaWorker() {
  loop_->stop();
}

void MediaWorker::run() {
  while (true) {
    loop_->run(Clock::now());
    if (loop_->stopped()) return;
    if (const auto tick = loop_->next_tick()) {
      static_cast<void>(loop_->bell().wait_until(*tick));
    } else {
      loop_->bell().wait();
    }
  }
}

}  // namespace antiphon::pipeline
