#include "pipeline/engine/media_worker.h"

#include <cassert>
#include <utility>

namespace antiphon::pipeline {

MediaWorker::MediaWorker(int number, const Config& config, const SessionContext& context)
    : context_(context),
      // Each session: its events, its opening, its end; and the drain.
      mail_(static_cast<std::size_t>(config.sessions_max) *
                    (static_cast<std::size_t>(config.events_per_session_max) + 2) +
                1,
            static_cast<std::size_t>(config.io_threads_max)),
      results_(static_cast<std::size_t>(config.lane_results_max), static_cast<std::size_t>(config.lanes_max),
               &bell_),
      turn_log_(config.observer),
      schedule_(Clock::now()),
      thread_(ThreadRole::kMediaWorker, number, [this] { loop(); }) {}

MediaWorker::~MediaWorker() {
  stopping_ = true;
  bell_.ring();
}

void MediaWorker::post(WorkerMail mail) {
  const bool taken = mail_.push(std::move(mail));
  assert(taken);
  static_cast<void>(taken);
  bell_.ring();
}

void MediaWorker::loop() {
  context_.inbox = &results_;
  context_.observer = &turn_log_;
  while (true) {
    const Time now = Clock::now();
    read_mail(now);
    read_results(now);
    if (stopping_) {
      for (auto& [id, seated] : sessions_) seated.session->close();
      some_closed_ = true;
    }
    run_due_ticks(now);
    remove_closed();
    if (stopping_ && sessions_.empty()) return;
    const auto tick = schedule_.peek();
    if (tick) {
      static_cast<void>(bell_.wait_until(tick->due));
    } else {
      bell_.wait();
    }
  }
}

void MediaWorker::read_mail(Time now) {
  WorkerMail mail;
  while (mail_.pop(mail)) {
    if (auto* opening = std::get_if<SessionOpening>(&mail.what)) {
      open(mail.session, std::move(*opening), now);
      continue;
    }
    if (std::holds_alternative<DrainSessions>(mail.what)) {
      for (auto& [id, seated] : sessions_) seated.session->drain();
      continue;
    }
    const auto found = sessions_.find(mail.session);
    if (found == sessions_.end()) continue;
    if (auto* event = std::get_if<ClientEvent>(&mail.what)) {
      take(found->second, std::move(*event), now);
    } else {
      found->second.session->close();
    }
    some_closed_ = some_closed_ || found->second.session->closed();
  }
}

void MediaWorker::open(SessionId id, SessionOpening opening, Time now) {
  context_.id = id;
  context_.seat = opening.seat.slot();
  Seated& seated = sessions_[id];
  seated.seat = std::move(opening.seat);
  seated.places = std::move(opening.places);
  seated.phase = schedule_.join(now);
  seated.session = std::make_unique<Session>(context_, opening.config, std::move(opening.sink), now);
}

void MediaWorker::take(Seated& seated, ClientEvent event, Time now) {
  ++seated.events_taken;
  seated.session->on_client_event(std::move(event), now);
  give_back_places(seated);
}

void MediaWorker::give_back_places(Seated& seated) {
  while (seated.events_taken > seated.session->events_waiting()) {
    --seated.events_taken;
    seated.places->give_back();
  }
}

void MediaWorker::read_results(Time now) {
  LaneResult result;
  while (results_.pop(result)) {
    const auto found = sessions_.find(session_of(result));
    assert(found != sessions_.end());  // a session stays until its last result has come
    found->second.session->on_lane_result(std::move(result), now);
    give_back_places(found->second);
    some_closed_ = some_closed_ || found->second.session->closed();
  }
}

void MediaWorker::run_due_ticks(Time now) {
  for (auto tick = schedule_.peek(); tick && tick->due <= now; tick = schedule_.peek()) {
    tick_lateness_.record(now - tick->due);
    for (auto& [id, seated] : sessions_) {
      if (seated.phase != tick->phase) continue;
      seated.session->tick(now);
      give_back_places(seated);
      some_closed_ = some_closed_ || seated.session->closed();
    }
    schedule_.advance(now);
  }
}

void MediaWorker::remove_closed() {
  if (!some_closed_) return;
  some_closed_ = false;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    const Session& session = *it->second.session;
    if (!session.closed() || !session.idle()) {
      some_closed_ = some_closed_ || session.closed();
      ++it;
      continue;
    }
    schedule_.leave(it->second.phase);
    it->second.session.reset();  // with it the sink; then the seat is free
    it = sessions_.erase(it);
  }
}

}  // namespace antiphon::pipeline
