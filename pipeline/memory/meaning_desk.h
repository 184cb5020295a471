#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/meaning.h"
#include "pipeline/jobs/embedding_job.h"
#include "pipeline/memory/memory_report.h"
#include "pipeline/runtime/doorbell.h"

namespace antiphon::pipeline {

// Gives each stored turn its direction of meaning: a few turns at a time, in the background of the compute
// lanes, when no turn waits to be committed. The store itself is the queue: known here is only which users
// have turns to look at. It has no thread: CommitDesk runs it.
//
// Owner:    attach(), detach(), add_to(): any thread; the rest: the store's thread.
// Overload: while the lanes give something up it asks nothing of them. Users beyond users_max are found again
//           by looking at all of them, as after attach().
// Errors:   what the lanes could not compute or the store not keep is tried again later; a user who cannot be
//           read is logged and left out until the next look at all.
class MeaningDesk {
 public:
  struct Config {
    std::size_t users_max = 1024;      // about 200 bytes each
    std::size_t turns_together = 4;    // computed and committed together; 19 ms for each 60 words
    std::size_t looked_at_max = 1000;  // turns at once, for those without a direction: about 1 ms
  };
  // `bell`: rung when run() has something to do. Both outlive it.
  MeaningDesk(context_store::ContextStore& store, Doorbell& bell, const Config& config);
  ~MeaningDesk();

  // From now on there are lanes to compute on, until detach(); nothing of them is used after that.
  void attach(SharedJobSeat seat);
  void detach();

  // The user has new turns; this is the first of them.
  void on_committed(const context_store::UserPath& user, context_store::Ordinal turn, Time now);
  // Turns are gone, those behind them have lost their directions, and their numbers may be given again: what
  // is under way is of no use.
  void on_forgotten(Time now);
  // Whether it has committed something.
  bool run(Time now, context_store::Timestamp wall_now);
  // When run() has something to do though the bell does not ring; nothing: never.
  std::optional<Time> due_at() const;

  void add_to(MemoryReport& report) const;

 private:
  using Ordinal = context_store::Ordinal;
  using UserPath = context_store::UserPath;
  class Bell;
  struct Batch {  // on the lanes
    UserPath user;
    std::vector<Ordinal> turns;
  };

  bool has_work() const { return scan_ || !unseen_.empty() || !next_.empty(); }
  void look_at(const UserPath& user, Ordinal first);
  void give_back_batch();
  void retry_batch(Time now);
  bool take_directions(Time now, context_store::Timestamp wall_now);
  bool keep(const std::vector<models::Embedding>& directions, Time now, context_store::Timestamp wall_now);
  void find_users(Time now, context_store::Timestamp wall_now);
  void look_at_next_user(Time now, context_store::Timestamp wall_now);
  void send(const UserPath& user, context_store::TurnsToEmbed found, Time now);

  context_store::ContextStore& store_;
  const Config config_;
  const std::shared_ptr<JobBell> bell_;
  mutable std::mutex mutex_;  // guards all below
  SharedJobSeat seat_;        // null: no lanes
  std::optional<EmbeddingErrand> errand_;
  std::optional<Batch> batch_;
  std::map<UserPath, Ordinal> next_;  // the turn from which on to look
  std::vector<UserPath> unseen_;      // of all users, those to look at from their beginning
  bool scan_ = false;                 // all users are to be looked at
  std::optional<UserPath> last_;      // looked at last; they take turns
  Time due_{};
  bool read_only_ = false;  // the store takes nothing any more
  std::uint64_t embedded_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace antiphon::pipeline
