#pragma once

#include <atomic>
#include <memory>

#include "context_store/context_store.h"
#include "pipeline/jobs/job_seat.h"
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

  // From now on recall is also by meaning: the lanes behind the door compute the directions of what was said
  // and is asked, until detach(); nothing of them is used after that. REQUIRES: an embedder there.
  void attach(JobDoor& lanes);
  void detach();
  // Null: recall is by words alone.
  JobDoor* lanes() const { return lanes_.load(std::memory_order_acquire); }

  MemoryReport report() const;

 private:
  void run_commits();
  void run_recalls();

  CommitDesk commits_;
  RecallDesk recalls_;
  std::atomic<bool> stopping_ = false;
  std::atomic<JobDoor*> lanes_ = nullptr;
  RoleThread writer_;
  RoleThread recaller_;
};

// Attaches a memory to an engine's lanes for as long as it lives: it goes before both.
class MeaningService {
 public:
  MeaningService(StoreMemory& memory, JobDoor& lanes) : memory_(memory) { memory.attach(lanes); }
  ~MeaningService() { memory_.detach(); }
  MeaningService(const MeaningService&) = delete;
  MeaningService& operator=(const MeaningService&) = delete;

 private:
  StoreMemory& memory_;
};

}  // namespace antiphon::pipeline
