#include "pipeline/memory/commit_desk.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace antiphon::pipeline {
namespace {

using context_store::NodeKind;
using context_store::Path;
using context_store::Timestamp;
using context_store::WriteLease;

constexpr std::size_t kGroupTurnsMax = 16;           // of larger ones, some are acknowledged after 10 ms
constexpr std::chrono::seconds kTotalsEvery{30};     // they look at every user
constexpr std::chrono::seconds kCompactionAfter{5};  // several things may be forgotten one after another
constexpr std::chrono::minutes kClosedAfter{1};      // from the start
constexpr std::chrono::minutes kClosedEvery{10};     // looks at every session
constexpr std::chrono::milliseconds kStepEvery{10};  // leaves most of the time, and of the disk's, to others
constexpr std::uint64_t kColdTurnsPerClosed = 8;

Timestamp wall_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

void add(const context_store::UserState& state, MemoryTotals& totals) {
  ++totals.users;
  totals.turns += state.count(NodeKind::kTurn);
  totals.entities += state.count(NodeKind::kEntity);
  totals.facts += state.count(NodeKind::kFact);
  totals.edges += state.edges;
  std::uint64_t user_bytes = 0;
  for (std::size_t record = 0; record < state.block_bytes.size(); ++record) {
    totals.bytes[record] += state.block_bytes[record];
    user_bytes += state.block_bytes[record];
  }
  totals.largest_user_bytes = std::max(totals.largest_user_bytes, user_bytes);
}

MemoryTotals totals_of(const context_store::ContextStore& store) {
  MemoryTotals totals;
  const auto snapshot = store.snapshot(Path(), wall_now());
  if (!snapshot) return totals;
  const auto users = snapshot->users();
  if (!users) return totals;
  for (const auto& user : *users) {
    if (const auto graph = snapshot->graph(user)) add(graph->state(), totals);
  }
  return totals;
}

}  // namespace

CommitDesk::CommitDesk(context_store::ContextStore& store, const Config& config)
    : store_(store),
      turns_(config.turns_max, config.callers_max),
      errands_(config.errands_max, config.callers_max),
      meanings_(store, bell_, {}),
      freeze_turns_min_(config.freeze_turns_min) {}

bool CommitDesk::keep(std::unique_ptr<SaidTurn>& turn) noexcept {
  if (!turns_.push(std::move(turn))) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  bell_.ring();
  return true;
}

bool CommitDesk::send(std::shared_ptr<MemoryErrand> errand) {
  if (!errands_.push(std::move(errand))) return false;
  bell_.ring();
  return true;
}

void CommitDesk::run(Time now) {
  take_turns(now);
  std::shared_ptr<MemoryErrand> errand;
  while (errands_.pop(errand)) {
    errand->work(store_, wall_now());
    if (errand->forgets) {
      meanings_.on_forgotten(now);
      compaction_due_ = now + kCompactionAfter;
      expect_totals();
    }
    errand->done.store(true, std::memory_order_release);
    errand->bell->ring();
    errand.reset();
  }
  if (!closed_due_) closed_due_ = now + kClosedAfter;
  if (*closed_due_ <= now) look_for_closed(now);
  if (!step_due_ && compaction_due_ && *compaction_due_ <= now) begin_compaction(now);
  if (step_due_ && *step_due_ <= now) compact(now);
  if (totals_due_ && *totals_due_ <= now) count_totals(now);
  if (turns_.size() == 0 && meanings_.run(now, wall_now())) expect_totals();
}

std::optional<Time> CommitDesk::due_at() const {
  std::optional<Time> next;
  for (const auto& due :
       {step_due_ ? step_due_ : compaction_due_, closed_due_, totals_due_, meanings_.due_at()}) {
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void CommitDesk::take_turns(Time now) {
  std::unique_ptr<SaidTurn> turn;
  while (turns_.pop(turn)) {
    if (group_.empty()) first_taken_ = now;
    group_.push_back(std::move(turn));
    if (group_.size() >= kGroupTurnsMax) commit();
  }
  commit();
}

// A lease for each user of the group, with their turns in it.
std::vector<WriteLease> CommitDesk::prepared_leases() {
  std::vector<Path> paths;
  for (const auto& said : group_) paths.push_back(said->user.path());
  std::ranges::sort(paths);
  paths.erase(std::ranges::unique(paths).begin(), paths.end());
  auto grant = store_.try_lease(std::move(paths), "voice");
  auto* leases = std::get_if<std::vector<WriteLease>>(&grant);
  assert(leases != nullptr);  // only this thread writes
  for (auto& said : group_) {
    const auto lease = std::ranges::find(*leases, said->user.path(), &WriteLease::path);
    const auto kept = lease->append_turn(said->user, std::move(said->turn));
    if (kept) continue;
    on_lost();
    spdlog::error("memory: a turn was refused: {}", kept.error().what);
  }
  return std::move(*leases);
}

void CommitDesk::commit() {
  if (group_.empty()) return;
  std::vector<WriteLease> leases = prepared_leases();
  std::vector<WriteLease*> pointers;
  std::uint64_t turns = 0;
  for (WriteLease& lease : leases) {
    pointers.push_back(&lease);
    turns += lease.waiting();
  }
  const auto receipts = store_.commit(pointers, wall_now());
  if (receipts) {
    committed_.fetch_add(turns, std::memory_order_relaxed);
    commit_times_.record(Clock::now() - first_taken_);
    tell_meanings(pointers, *receipts, first_taken_);
  } else {
    commits_failed_.fetch_add(1, std::memory_order_relaxed);
    lost_.fetch_add(turns, std::memory_order_relaxed);
    spdlog::error("memory: {} turns were lost: {}", turns, receipts.error().what);
  }
  group_.clear();
  note_figures();
  expect_totals();
}

// Which user has new turns, and from which on.
void CommitDesk::tell_meanings(const std::vector<WriteLease*>& leases, const Receipts& receipts, Time now) {
  for (std::size_t i = 0; i < leases.size(); ++i) {
    const auto said = std::ranges::find_if(
        group_, [&](const auto& turn) { return turn->user.path() == leases[i]->path(); });
    if (!receipts[i].empty()) meanings_.on_committed((*said)->user, receipts[i].front().turn, now);
  }
}

void CommitDesk::look_for_closed(Time now) {
  closed_due_ = now + kClosedEvery;
  if (freeze_turns_min_ == 0) return;
  const auto share = store_.cold_share(wall_now());
  if (!share) return spdlog::error("memory: closed talks cannot be counted: {}", share.error().what);
  closed_turns_.store(share->closed_turns, std::memory_order_relaxed);
  const std::uint64_t enough = std::max(freeze_turns_min_, share->cold_turns / kColdTurnsPerClosed);
  if (share->closed_turns >= enough && !step_due_) begin_compaction(now);
}

void CommitDesk::begin_compaction(Time now) {
  compaction_due_.reset();
  compaction_began_ = now;
  step_due_ = now;
}

void CommitDesk::compact(Time now) {
  const Time begin = Clock::now();
  const auto compacted = store_.compact_step(wall_now());
  step_times_.record(Clock::now() - begin);
  if (compacted && !*compacted) {
    step_due_ = now + kStepEvery;
    return;
  }
  step_due_.reset();
  if (compacted) {
    compactions_.fetch_add(1, std::memory_order_relaxed);
    closed_turns_.store(0, std::memory_order_relaxed);
    const std::chrono::duration<double> took = now - compaction_began_;
    spdlog::info("memory: compacted: bytes_before={} bytes_after={} seconds={:.1f}",
                 (*compacted)->bytes_before, (*compacted)->bytes_after, took.count());
  } else {
    compactions_failed_.fetch_add(1, std::memory_order_relaxed);
    if (compacted.error().kind != context_store::StoreError::Kind::kReadOnly) {
      compaction_due_ = now + kClosedEvery;  // what was forgotten must go
    }
    spdlog::error("memory: compaction was given up: {}", compacted.error().what);
  }
  note_figures();
}

void CommitDesk::count_totals(Time now) {
  totals_due_.reset();
  totals_counted_ = now;
  note_figures();
  const MemoryTotals totals = totals_of(store_);
  const std::lock_guard lock(totals_mutex_);
  totals_ = totals;
}

// The graphs have changed.
void CommitDesk::expect_totals() {
  if (!totals_due_) totals_due_ = totals_counted_ + kTotalsEvery;
}

void CommitDesk::note_figures() {
  const auto figures = store_.figures();
  const std::lock_guard lock(totals_mutex_);
  figures_ = figures;
}

void CommitDesk::add_to(MemoryReport& report) const {
  report.commit = commit_times_.snapshot();
  report.turns_committed = committed_.load(std::memory_order_relaxed);
  report.turns_refused = refused_.load(std::memory_order_relaxed);
  report.turns_lost = lost_.load(std::memory_order_relaxed);
  report.commits_failed = commits_failed_.load(std::memory_order_relaxed);
  report.compaction_step = step_times_.snapshot();
  report.compactions = compactions_.load(std::memory_order_relaxed);
  report.compactions_failed = compactions_failed_.load(std::memory_order_relaxed);
  report.closed_turns = closed_turns_.load(std::memory_order_relaxed);
  report.turns_waiting = static_cast<int>(turns_.size());
  report.turns_max = static_cast<int>(turns_.capacity());
  meanings_.add_to(report);
  const std::lock_guard lock(totals_mutex_);
  report.totals = totals_;
  report.store = figures_;
}

}  // namespace antiphon::pipeline
