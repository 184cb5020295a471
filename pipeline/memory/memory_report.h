#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "context_store/context_store.h"
#include "context_store/read_snapshot.h"
#include "pipeline/runtime/latency_histogram.h"

namespace antiphon::pipeline {

// What all users have in the store, as it was counted last.
struct MemoryTotals {
  std::uint64_t users = 0;
  std::uint64_t turns = 0;
  std::uint64_t entities = 0;
  std::uint64_t facts = 0;
  std::uint64_t edges = 0;
  std::uint64_t largest_user_bytes = 0;
  std::array<std::uint64_t, context_store::kRecordsMax> bytes{};  // by context_store::Record
};

// What an operator wants to know of the memory.
struct MemoryReport {
  LatencySnapshot recall;  // question asked to answer given
  LatencySnapshot commit;  // the first turn of a group taken to all of them on the disk
  std::uint64_t questions_refused = 0;
  std::uint64_t recalls_cut_off = 0;  // at the deadline: the answer was the best so far
  std::uint64_t recalls_failed = 0;
  std::uint64_t questions_by_meaning = 0;  // the direction of the question's beginning was known in time
  std::uint64_t turns_committed = 0;
  std::uint64_t turns_refused = 0;  // for want of room; the session offers them again
  std::uint64_t turns_lost = 0;     // the session could not wait longer, or the store failed
  std::uint64_t commits_failed = 0;
  LatencySnapshot compaction_step;  // for so long turns may have waited
  std::uint64_t compactions = 0;
  std::uint64_t compactions_failed = 0;
  std::uint64_t closed_turns = 0;  // in the table, when it was looked last: they wait for a compaction
  std::uint64_t turns_embedded = 0;
  std::uint64_t embeddings_failed = 0;  // of some turns each; tried again
  std::uint64_t users_to_embed = 0;     // to look at: they may have turns without a vector
  int questions_waiting = 0;
  int questions_max = 0;
  int turns_waiting = 0;
  int turns_max = 0;
  context_store::ContextStore::Figures store;
  double oldest_snapshot_seconds = 0;
  MemoryTotals totals;
};

}  // namespace antiphon::pipeline
