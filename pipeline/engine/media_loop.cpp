#include "pipeline/engine/media_loop.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace antiphon::pipeline {

MediaLoop::MediaLoop(const Config& config, const SessionContext& context, Time start)
    : context_(context),
      // Each session: its events, its opening, its end; and the drain.
      mail_(static_cast<std::size_t>(config.sessions_max) *
                    (static_cast<std::size_t>(config.events_per_session_max) + 2) +
                1,
            static_cast<std::size_t>(config.io_threads_max)),
      results_(static_cast<std::size_t>(config.lane_results_max), static_cast<std::size_t>(config.lanes_max),
               &bell_),
      turn_log_(config.observer),
      schedule_(start) {
  context_.inbox = &results_;
  context_.observer = &turn_log_;
  context_.events_max = config.events_per_session_max;
}

void MediaLoop::post(WorkerMail mail) {
  const bool taken = mail_.push(std::move(mail));
  assert(taken);
  static_cast<void>(taken);
  bell_.ring();
}

void MediaLoop::stop() {
  stopping_ = true;
  bell_.ring();
}

void MediaLoop::run(Time now) {
  read_mail(now);
  read_results(now);
  if (stopping_) {
    for (auto& [id, seated] : sessions_) {
      if (seated.session) seated.session->close(now);
    }
    some_closed_ = true;
  }
  wake_sessions(now);
  run_due_ticks(now);
  remove_closed();
}

std::optional<Time> MediaLoop::next_tick() const {
  const auto tick = schedule_.peek();
  if (!tick) return std::nullopt;
  return next_wake_ ? std::min(tick->due, *next_wake_) : tick->due;
}

MediaCounts MediaLoop::counts() const {
  return {ticks_skipped_.load(std::memory_order_relaxed),
          events_refused_.load(std::memory_order_relaxed),
          mail_.size(),
          mail_.capacity(),
          results_.size(),
          results_.capacity()};
}

void MediaLoop::read_mail(Time now) {
  WorkerMail mail;
  while (mail_.pop(mail)) {
    if (auto* opening = std::get_if<SessionOpening>(&mail.what)) {
      open(mail.session, std::move(*opening), now);
    } else if (auto* event = std::get_if<ClientEvent>(&mail.what)) {
      take(sessions_.at(mail.session), std::move(*event), now);
    } else if (std::holds_alternative<ClientGone>(mail.what)) {
      let_go(sessions_.at(mail.session), now);
    } else {
      draining_ = true;
      for (auto& [id, seated] : sessions_) {
        if (seated.session) seated.session->drain();
      }
    }
  }
}

void MediaLoop::open(SessionId id, SessionOpening opening, Time now) {
  context_.id = id;
  context_.seat = opening.seat.slot();
  Seated& seated = sessions_[id];
  seated.seat = std::move(opening.seat);
  seated.places = std::move(opening.places);
  seated.phase = schedule_.join(now);
  by_phase_[static_cast<std::size_t>(seated.phase)].push_back(&seated);
  seated.session = std::make_unique<Session>(context_, opening.config, std::move(opening.sink), now,
                                             opening.opened_at, std::move(opening.user));
  if (draining_) seated.session->drain();  // it was let in just before
}

void MediaLoop::take(Seated& seated, ClientEvent event, Time now) {
  if (!seated.session) {
    seated.places->give_back();
    return;
  }
  ++seated.events_taken;
  seated.session->on_client_event(std::move(event), now);
  note_changes(seated);
}

void MediaLoop::let_go(Seated& seated, Time now) {
  seated.client_gone = true;
  if (seated.session) seated.session->close(now);
  some_closed_ = true;
}

void MediaLoop::note_changes(Seated& seated) {
  while (seated.events_taken > seated.session->events_waiting()) {
    --seated.events_taken;
    seated.places->give_back();
  }
  some_closed_ = some_closed_ || seated.session->closed();
  if (const auto wake = seated.session->wake_at()) next_wake_ = std::min(next_wake_.value_or(*wake), *wake);
}

void MediaLoop::read_results(Time now) {
  LaneResult result;
  while (results_.pop(result)) {
    Seated& seated = sessions_.at(session_of(result));
    assert(seated.session);  // it stays until its last result has come
    seated.session->on_lane_result(std::move(result), now);
    note_changes(seated);
  }
}

void MediaLoop::run_due_ticks(Time now) {
  for (auto tick = schedule_.peek(); tick && tick->due <= now; tick = schedule_.peek()) {
    tick_lateness_.record(now - tick->due);
    for (Seated* seated : by_phase_[static_cast<std::size_t>(tick->phase)]) {
      seated->session->tick(now);
      note_changes(*seated);
    }
    const auto skipped = static_cast<std::uint64_t>(schedule_.advance(now));
    ticks_skipped_.fetch_add(skipped, std::memory_order_relaxed);
  }
}

void MediaLoop::wake_sessions(Time now) {
  if (!next_wake_ || *next_wake_ > now) return;
  next_wake_.reset();
  for (auto& [id, seated] : sessions_) {
    if (!seated.session) continue;
    const auto wake = seated.session->wake_at();
    if (wake && *wake <= now) seated.session->on_wake(now);
    note_changes(seated);
  }
}

void MediaLoop::remove_closed() {
  if (!std::exchange(some_closed_, false)) return;
  for (auto it = sessions_.begin(); it != sessions_.end();) {
    Seated& seated = it->second;
    if (seated.session && seated.session->closed()) {
      if (seated.session->idle()) {
        schedule_.leave(seated.phase);
        std::erase(by_phase_[static_cast<std::size_t>(seated.phase)], &seated);
        events_refused_.fetch_add(seated.session->events_refused(), std::memory_order_relaxed);
        seated.session.reset();  // with it the sink
      } else {
        some_closed_ = true;
      }
    }
    it = !seated.session && seated.client_gone ? sessions_.erase(it) : std::next(it);
  }
}

}  // namespace antiphon::pipeline
