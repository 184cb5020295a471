#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <variant>
#include <vector>

#include "pipeline/compute/slot_pool.h"
#include "pipeline/engine/turn_log.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/place_count.h"
#include "pipeline/runtime/tick_schedule.h"
#include "pipeline/session/lane_inbox.h"
#include "pipeline/session/session.h"

namespace antiphon::pipeline {

// Places for one session's client events; shared by the connection's port and the worker, since either may go
// first.
using ClientPlaces = std::shared_ptr<PlaceCount>;

// A new session on its way to its worker.
struct SessionOpening {
  SlotLease seat;
  SessionConfig config;
  std::unique_ptr<EventSink> sink;
  ClientPlaces places;
  WallTime opened_at{};
  std::optional<context_store::UserPath> user = std::nullopt;
};
struct ClientGone {};
struct DrainSessions {};  // all of the worker's

// What was given up under load.
struct MediaCounts {
  std::uint64_t ticks_skipped = 0;   // of sessions, since the worker was too late
  std::uint64_t events_refused = 0;  // to clients that read too slowly
  std::size_t mail_waiting = 0;      // from clients
  std::size_t mail_max = 0;
  std::size_t results_waiting = 0;  // from the lanes
  std::size_t results_max = 0;
};

struct WorkerMail {
  SessionId session{};
  std::variant<DrainSessions, SessionOpening, ClientEvent, ClientGone> what;
};

// Owns sessions for life: empties its two inboxes and runs the ticks that are due. It has no thread and reads
// no clock: a MediaWorker drives it, or a simulation in virtual time.
//
// Owner:    post(), stop(), the reports: any thread; the rest: one thread.
// Overload: post() never fails: client events need a place of their session's ClientPlaces first, and the
//           mailbox is as large as the sum of them.
// Lifetime: the lanes that deliver into it are stopped before, or idle.
class MediaLoop {
 public:
  struct Config {
    int sessions_max = 1;
    int events_per_session_max = 32;
    int lane_results_max = 1;
    int lanes_max = 8;                 // threads that deliver results
    int io_threads_max = 32;           // threads that post
    TurnObserver* observer = nullptr;  // hears of turns after the log; may be null
  };

  // `context`: what its sessions share; the loop fills in what is its own. `start`: the ticks' origin.
  MediaLoop(const Config& config, const SessionContext& context, Time start);

  void post(WorkerMail mail);
  // Sessions are closed from here on.
  void stop();
  // Rung for each post(), stop() and lane result.
  Doorbell& bell() { return bell_; }

  // All that there is to do at `now`.
  void run(Time now);
  // When run() has something to do though the bell does not ring; nothing: never.
  std::optional<Time> next_tick() const;
  std::size_t sessions() const { return sessions_.size(); }
  // No session is left that the lanes or a port hold.
  bool idle() const { return sessions_.empty(); }
  bool stopped() const { return stopping_ && idle(); }

  TurnReport turns() const { return turn_log_.report(); }
  LatencySnapshot tick_lateness() const { return tick_lateness_.snapshot(); }
  MediaCounts counts() const;

 private:
  struct Seated {
    SlotLease seat;
    ClientPlaces places;
    std::size_t events_taken = 0;  // places that the session's events hold
    Phase phase{};
    std::unique_ptr<Session> session;  // null once it has ended
    bool client_gone = false;          // until then its port may post, and the seat counts for the mailbox
  };
  using Sessions = std::unordered_map<SessionId, Seated>;

  void read_mail(Time now);
  void open(SessionId id, SessionOpening opening, Time now);
  void let_go(Seated& seated, Time now);
  void take(Seated& seated, ClientEvent event, Time now);
  void read_results(Time now);
  void run_due_ticks(Time now);
  void wake_sessions(Time now);
  void note_changes(Seated& seated);
  void remove_closed();

  SessionContext context_;
  Doorbell bell_;
  MpscQueue<WorkerMail> mail_;
  LaneInbox results_;
  TurnLog turn_log_;
  LatencyHistogram tick_lateness_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> ticks_skipped_ = 0;
  std::atomic<std::uint64_t> events_refused_ = 0;
  // Only the thread that runs it.
  Sessions sessions_;
  std::array<std::vector<Seated*>, TickSchedule::kPhases> by_phase_;  // those that have a tick
  TickSchedule schedule_;
  std::optional<Time> next_wake_;  // no session's wake_at() is earlier
  bool some_closed_ = false;
  bool draining_ = false;
};

}  // namespace antiphon::pipeline
