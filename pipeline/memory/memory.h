// What a session asks of the memory of its user, and what it tells it. The store itself, its threads and its
// disk are behind this.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "context_store/new_turn.h"
#include "context_store/path.h"
#include "context_store/prompt_note.h"
#include "pipeline/runtime/ids.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

// What was said before that bears on a question, maybe nothing.
struct MemoryAnswer {
  SessionId session{};
  Generation generation{};  // the question's
  context_store::PromptNote note;
};

// Where answers go. Called on the thread that recalls; it must not block.
class MemorySink {
 public:
  virtual ~MemorySink() = default;
  virtual void deliver(MemoryAnswer&& answer) noexcept = 0;
};

struct MemoryQuestion {
  SessionId session{};
  Generation generation{};
  context_store::UserPath user;
  std::string talk;  // the session's name in the store: what was said in it is left out
  std::string text;  // what the user has said
  context_store::Timestamp now;
  Deadline deadline = Deadline::never();  // what was found by then is the answer
  MemorySink* sink = nullptr;             // outlives the memory's threads
  bool goes_on = false;                   // the user still speaks: a question with more words will follow
};

struct SaidTurn {
  context_store::UserPath user;
  context_store::NewTurn turn;
};

// Owner:    any media worker.
// Time:     never blocks, never touches the disk.
// Overload: both queues are bounded and refuse; what was refused is still the caller's.
class Memory {
 public:
  virtual ~Memory() = default;
  // Exactly one answer comes for each question that was taken.
  [[nodiscard]] virtual bool ask(std::unique_ptr<MemoryQuestion>& question) noexcept = 0;
  // The turn will be committed; turns of one caller in their order.
  [[nodiscard]] virtual bool keep(std::unique_ptr<SaidTurn>& turn) noexcept = 0;
  // A turn that was refused so often that its session had to give it up.
  virtual void on_lost() noexcept = 0;
};

}  // namespace antiphon::pipeline
