#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "context_store/context_store.h"
#include "pipeline/memory/meaning_desk.h"
#include "pipeline/memory/memory.h"
#include "pipeline/memory/memory_errand.h"
#include "pipeline/memory/memory_report.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/runtime/mpsc_queue.h"

namespace antiphon::pipeline {

// Brings what was said to the disk, in groups that share a sync, and runs the errands of requests in between:
// an errand sees every turn that was taken before it. It has no thread: StoreMemory runs it.
//
// Owner:    keep(), send(), the counts: any thread; the rest: one thread, which may wait for the disk.
// Overload: keep() and send() refuse beyond the queues' capacity.
// Freeze:   when enough turns of closed conversations lie in the table, the store is compacted, and some time
//           after an errand that forgets too, so that the bytes are gone. In steps of some milliseconds, each
//           when no turn waits; turns that come meanwhile wait for its end.
// Errors:   turns that the store cannot write are logged and counted as lost.
class CommitDesk {
 public:
  struct Config {
    std::size_t turns_max = 1024;
    std::size_t errands_max = 64;
    std::size_t callers_max = 8;  // threads
    // Closed turns in the table, and at least an eighth of the cold ones: what is cold is copied along. 0:
    // never because of them.
    std::uint64_t freeze_turns_min = 5000;
  };
  CommitDesk(context_store::ContextStore& store, const Config& config);

  [[nodiscard]] bool keep(std::unique_ptr<SaidTurn>& turn) noexcept;
  // False: no room; the errand will not be run.
  [[nodiscard]] bool send(std::shared_ptr<MemoryErrand> errand);
  void on_lost() { lost_.fetch_add(1, std::memory_order_relaxed); }

  Doorbell& bell() { return bell_; }
  // Gives the turns their vectors in between, once it has lanes.
  MeaningDesk& meanings() { return meanings_; }
  // What is due at `now`.
  void run(Time now);
  // When run() has something to do though the bell does not ring; nothing: never.
  std::optional<Time> due_at() const;

  void add_to(MemoryReport& report) const;

 private:
  void take_turns(Time now);
  void commit();
  using Receipts = std::vector<std::vector<context_store::Receipt>>;
  void tell_meanings(const std::vector<context_store::WriteLease*>& leases, const Receipts& receipts,
                     Time now);
  void look_for_closed(Time now);
  void compact(Time now);
  void begin_compaction(Time now);
  void count_totals(Time now);
  void expect_totals();
  void note_figures();
  std::vector<context_store::WriteLease> prepared_leases();

  context_store::ContextStore& store_;
  MpscQueue<std::unique_ptr<SaidTurn>> turns_;
  MpscQueue<std::shared_ptr<MemoryErrand>> errands_;
  Doorbell bell_;
  MeaningDesk meanings_;
  std::vector<std::unique_ptr<SaidTurn>> group_;  // empty between two calls of run()
  Time first_taken_;
  std::optional<Time> totals_due_ = Time();  // at once; none: nothing has changed
  Time totals_counted_;
  std::optional<Time> compaction_due_;  // because of what was forgotten
  std::optional<Time> step_due_;        // of the compaction that is under way
  std::optional<Time> closed_due_;      // when to look whether enough is closed; none: first after the start
  Time compaction_began_;
  const std::uint64_t freeze_turns_min_;
  LatencyHistogram commit_times_;
  LatencyHistogram step_times_;
  std::atomic<std::uint64_t> compactions_ = 0;
  std::atomic<std::uint64_t> compactions_failed_ = 0;
  std::atomic<std::uint64_t> closed_turns_ = 0;
  std::atomic<std::uint64_t> committed_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> lost_ = 0;
  std::atomic<std::uint64_t> commits_failed_ = 0;
  mutable std::mutex totals_mutex_;
  MemoryTotals totals_;                           // guarded by totals_mutex_
  context_store::ContextStore::Figures figures_;  // likewise: asking the store may wait for a compaction
};

}  // namespace antiphon::pipeline
