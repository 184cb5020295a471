#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/recall.h"
#include "pipeline/memory/memory.h"
#include "pipeline/memory/question_meanings.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/runtime/mpsc_queue.h"

namespace antiphon::pipeline {

// Answers the sessions' questions to the store, one after another, each by its deadline. It reads snapshots,
// so it never waits for a commit. It has no thread: StoreMemory runs it.
//
// Owner:    ask(), the counts: any thread; run(): one thread.
// Overload: ask() refuses beyond the queue's capacity.
// Errors:   what the store cannot read is logged, counted, and answered with nothing.
class RecallDesk {
 public:
  RecallDesk(const context_store::ContextStore& store, std::size_t questions_max, std::size_t askers_max)
      : store_(store), questions_(questions_max, askers_max), meanings_(questions_max) {}

  [[nodiscard]] bool ask(std::unique_ptr<MemoryQuestion>& question) noexcept;
  Doorbell& bell() { return bell_; }
  // Recalls also by meaning from now on, until detach(). Any thread.
  void attach(JobDoor& lanes) { meanings_.attach(lanes); }
  void detach() { meanings_.detach(); }
  // Answers all that wait.
  void run();

  LatencySnapshot times() const { return times_.snapshot(); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t cut_off() const { return cut_off_.load(std::memory_order_relaxed); }
  std::uint64_t by_meaning() const { return by_meaning_.load(std::memory_order_relaxed); }
  std::uint64_t failed() const { return failed_.load(std::memory_order_relaxed); }
  std::size_t waiting() const { return questions_.size(); }
  std::size_t capacity() const { return questions_.capacity(); }

 private:
  struct Asked {
    std::unique_ptr<MemoryQuestion> question;
    Time at;
  };
  context_store::Result<context_store::PromptNote> note_for(const MemoryQuestion& question);
  void think_ahead(const MemoryQuestion& question);

  const context_store::ContextStore& store_;
  MpscQueue<Asked> questions_;
  Doorbell bell_;
  QuestionMeanings meanings_;
  context_store::Recaller recaller_;
  LatencyHistogram times_;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> cut_off_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::atomic<std::uint64_t> by_meaning_ = 0;
};

}  // namespace antiphon::pipeline
