// The door for requests that are no conversation: a recording to write down, a text to speak or to answer.
//
// Such a request (a job) takes a seat like a session, so that the same limit holds for both. It is passive:
// an I/O thread owns it, asks the compute lanes for one piece of work at a time and is told when that has
// come. Its work is background work for the scheduler: it runs when no live speech has a step ready, and
// never on all lanes.
#pragma once

#include <chrono>
#include <memory>
#include <variant>

#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/language_model_batcher.h"
#include "pipeline/compute/slot_pool.h"
#include "pipeline/engine/networks.h"
#include "pipeline/runtime/ids.h"
#include "pipeline/session_port.h"

namespace antiphon::pipeline {

// When a job's piece of work is due: after everything that somebody listens to.
inline constexpr std::chrono::seconds kJobDue{10};

// One job's seat and its ways to the lanes.
//
// Owner:    shared by the job and each piece of its work in flight: the seat is free when the last of them
//           has let go.
// Lifetime: the engine outlives it.
struct JobSeat {
  SlotLease seat;
  SessionId id{};
  const Networks* networks = nullptr;
  ComputeExecutor* executor = nullptr;
  LanguageModelBatcher* batcher = nullptr;
};
using SharedJobSeat = std::shared_ptr<const JobSeat>;

// Tells a job's owner that something of it has come.
//
// Owner: shared like the seat; ring(): any lane, never blocks. Rung for nothing it does no harm.
class JobBell {
 public:
  virtual ~JobBell() = default;
  virtual void ring() noexcept = 0;
};

// Where jobs get their seats. Calls from any I/O thread; decides at once.
class JobDoor {
 public:
  virtual ~JobDoor() = default;

  using JobOpening = std::variant<SharedJobSeat, SessionRefusal>;
  [[nodiscard]] virtual JobOpening take_seat() = 0;
  // For work of the server's own: it takes no session's place and has no slot. One for each errand.
  virtual SharedJobSeat background_seat() = 0;
};

}  // namespace antiphon::pipeline
