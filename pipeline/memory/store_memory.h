#pragma once

#include <atomic>
#include <memory>

#include "context_store/context_store.h"
#include "pipeline/memory/commit_desk.h"
#include "pipeline/memory/memory.h"
#include "pipeline/memory/memory_report.h"
#include "pipeline/memory/recall_desk.h"
#include "pipeline/runtime/thread_role.h"

namespace antiphon::pipeline {

// The memory that a context store keeps, with its two threads: one writes and waits for the disk, one recalls
// and never does.
//
// Owner:    the composition root; ask(), keep(), send(), report(): any thread.
// Overload: as RecallDesk and CommitDesk.
// Lifetime: the store outlives it, and it outlives the engine. The destructor commits what it was given.
class StoreMemory final : public Memory {
 public:
  struct Config {
    int sessions_max = 16;
    int callers_max = 4;          // threads: media workers and I/O threads
    int freeze_turns_min = 5000;  // see CommitDesk
  };
  StoreMemory(context_store::ContextStore& store, const Config& config);
  ~StoreMemory() override;
  StoreMemory(const StoreMemory&) = delete;
  StoreMemory& operator=(const StoreMemory&) = delete;

  bool ask(std::unique_ptr<MemoryQuestion>& question) noexcept override { return recalls_.ask(question); }
  bool keep(std::unique_ptr<SaidTurn>& turn) noexcept override { return commits_.keep(turn); }
  void on_lost() noexcept override { commits_.on_lost(); }
  // False: no room.
  [[nodiscard]] bool send(std::shared_ptr<MemoryErrand> errand) { return commits_.send(std::move(errand)); }

  MemoryReport report() const;

 private:
  void run_commits();
  void run_recalls();

  CommitDesk commits_;
  RecallDesk recalls_;
  std::atomic<bool> stopping_ = false;
  RoleThread writer_;
  RoleThread recaller_;
};

}  // namespace antiphon::pipeline
