#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>

#include "pipeline/compute/slot_pool.h"
#include "pipeline/engine/turn_log.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/place_count.h"
#include "pipeline/runtime/thread_role.h"
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
};
struct ClientGone {};
struct DrainSessions {};  // all of the worker's

struct WorkerMail {
  SessionId session{};
  std::variant<DrainSessions, SessionOpening, ClientEvent, ClientGone> what;
};

// A thread that owns sessions for life: empties its two inboxes, runs the ticks that are due, and sleeps.
//
// Owner:    post(): any thread; the rest: the engine.
// Overload: post() never fails: client events need a place of their session's ClientPlaces first, and the
//           mailbox is as large as the sum of them.
// Lifetime: the destructor closes all sessions and waits until the lanes have let go of them; so the lanes
//           outlive it.
class MediaWorker {
 public:
  struct Config {
    int sessions_max = 1;
    int events_per_session_max = 32;
    int lane_results_max = 1;
    int lanes_max = 8;                 // threads that deliver results
    int io_threads_max = 32;           // threads that post
    TurnObserver* observer = nullptr;  // hears of turns after the log; may be null
  };

  // `context`: what its sessions share; the worker fills in what is its own.
  MediaWorker(int number, const Config& config, const SessionContext& context);
  ~MediaWorker();

  void post(WorkerMail mail);

  TurnReport turns() const { return turn_log_.report(); }
  LatencySnapshot tick_lateness() const { return tick_lateness_.snapshot(); }
  std::string shortfall() { return thread_.status().shortfall; }

 private:
  struct Seated {
    SlotLease seat;
    ClientPlaces places;
    std::size_t events_taken = 0;  // places that the session's events hold
    Phase phase{};
    std::unique_ptr<Session> session;
  };
  using Sessions = std::unordered_map<SessionId, Seated>;

  void loop();
  void read_mail(Time now);
  void open(SessionId id, SessionOpening opening, Time now);
  void take(Seated& seated, ClientEvent event, Time now);
  void read_results(Time now);
  void run_due_ticks(Time now);
  void give_back_places(Seated& seated);
  void remove_closed();

  SessionContext context_;
  Doorbell bell_;
  MpscQueue<WorkerMail> mail_;
  LaneInbox results_;
  TurnLog turn_log_;
  LatencyHistogram tick_lateness_;
  std::atomic<bool> stopping_ = false;
  // Only the thread.
  Sessions sessions_;
  TickSchedule schedule_;
  bool some_closed_ = false;
  RoleThread thread_;  // last: it uses all of the above
};

}  // namespace antiphon::pipeline
