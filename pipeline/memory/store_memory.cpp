#include "pipeline/memory/store_memory.h"

#include <chrono>

namespace antiphon::pipeline {
namespace {

constexpr int kQuestionsPerSession = 2;  // one in flight, and one of a session that has just ended
constexpr int kTurnsPerSession = 64;     // the disk may stall for as long as this takes to say

CommitDesk::Config commit_config(const StoreMemory::Config& config) {
  CommitDesk::Config desk;
  desk.turns_max = static_cast<std::size_t>(config.sessions_max * kTurnsPerSession);
  desk.callers_max = static_cast<std::size_t>(config.callers_max);
  desk.freeze_turns_min = static_cast<std::uint64_t>(config.freeze_turns_min);
  return desk;
}

}  // namespace

StoreMemory::StoreMemory(context_store::ContextStore& store, const Config& config)
    : commits_(store, commit_config(config)),
      recalls_(store, static_cast<std::size_t>(config.sessions_max * kQuestionsPerSession),
               static_cast<std::size_t>(config.callers_max)),
      writer_(ThreadRole::kStore, 0, [this] { run_commits(); }),
      recaller_(ThreadRole::kStore, 1, [this] { run_recalls(); }) {}

StoreMemory::~StoreMemory() {
  stopping_ = true;
  commits_.bell().ring();
  recalls_.bell().ring();
}

void StoreMemory::run_commits() {
  for (bool last = false; !last;) {
    last = stopping_;  // what was given before that is still run
    commits_.run(Clock::now());
    if (last) return;
    if (const auto due = commits_.due_at()) {
      static_cast<void>(commits_.bell().wait_until(*due));
    } else {
      commits_.bell().wait();
    }
  }
}

void StoreMemory::run_recalls() {
  while (!stopping_) {
    recalls_.run();
    recalls_.bell().wait();
  }
  recalls_.run();
}

void StoreMemory::attach(JobDoor& lanes) {
  commits_.meanings().attach(lanes.background_seat());
  recalls_.attach(lanes);
  lanes_.store(&lanes, std::memory_order_release);
}

void StoreMemory::detach() {
  lanes_.store(nullptr, std::memory_order_release);
  recalls_.detach();
  commits_.meanings().detach();
}

MemoryReport StoreMemory::report() const {
  MemoryReport report;
  commits_.add_to(report);
  report.recall = recalls_.times();
  report.questions_refused = recalls_.refused();
  report.recalls_cut_off = recalls_.cut_off();
  report.recalls_failed = recalls_.failed();
  report.questions_by_meaning = recalls_.by_meaning();
  report.questions_waiting = static_cast<int>(recalls_.waiting());
  report.questions_max = static_cast<int>(recalls_.capacity());
  if (report.store.oldest_snapshot) {
    const auto age = std::chrono::system_clock::now() - *report.store.oldest_snapshot;
    report.oldest_snapshot_seconds = std::chrono::duration<double>(age).count();
  }
  return report;
}

}  // namespace antiphon::pipeline
