#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/memory/memory.h"
#include "pipeline/session/session_context.h"

namespace antiphon::pipeline {

// What one session asks of its user's memory, and what it tells it. Without a user it does nothing.
//
// While the user speaks it asks about the words so far, and what it learns (ahead_note) is read before the
// user's words, ahead of time. About the final words it asks again; what that adds (late_note) is read after
// them. So nothing that was read is read again, and most turns add nothing. A small model repeats what it
// reads last: it gets no old turns there (AssistantPrompt::late_quotes).
//
// Owner:    one session, on its media worker.
// Overload: one question in flight; the newest waits behind it. Turns that the store's queue refuses wait
//           here and are offered again; the oldest of more than kTurnsWaitingMax is lost.
class TurnMemory {
 public:
  static constexpr std::size_t kTurnsWaitingMax = 64;
  static constexpr std::size_t kAheadLinesMax = 5;

  TurnMemory(const SessionContext& context, std::optional<context_store::UserPath> user, Time now,
             WallTime wall_now);

  bool on() const { return user_.has_value(); }

  // --- asking ---
  // A new turn of the user: what was asked before is of no use to it.
  void begin_turn();
  // The words so far. False: there will be no answer.
  [[nodiscard]] bool ask_ahead(const std::string& words, Time now);
  // The turn's words. False: no answer will come, or the newest is about these words already.
  [[nodiscard]] bool ask_final(const std::string& words, Time now);
  enum class About { kNothing, kAhead, kFinal };
  // Takes an answer in, and says which question it answered; kNothing: one that nobody waits for any more.
  About on_answer(MemoryAnswer&& answer, Time now);
  // Nobody waits for the final answer any more; its lines are not used.
  void give_up_final() { final_ = std::nullopt; }

  // "" or a message for the language model.
  std::string ahead_note() const { return note_of(ahead_); }
  std::string late_note() const;
  // Nothing of the turn was read yet: all of the note may stand before the words.
  void move_late_ahead();
  // The user goes on: what came to the final words is of no use.
  void drop_late();

  // --- telling ---
  void keep(std::string_view speaker, std::string text, Time now);
  // Offers again what was refused.
  void pump();

  // All answers have come, and all turns were taken.
  bool idle() const { return !in_flight_ && waiting_.empty(); }

 private:
  using Lines = std::vector<std::string>;
  static std::string note_of(const Lines& lines);
  void add_new(const Lines& found, Lines* lines) const;
  context_store::Timestamp wall(Time now) const;
  bool ask(const std::string& words, bool final_words, Time now);

  const SessionContext& context_;
  const std::optional<context_store::UserPath> user_;
  const Time opened_;
  const context_store::Timestamp opened_wall_;
  const std::string talk_;  // the session's name in the store
  std::uint64_t ids_ = 0;
  std::optional<Generation> in_flight_;
  std::optional<Generation> ahead_asked_;
  std::optional<Generation> final_;      // asked and not answered
  std::optional<std::string> queued_;    // to be asked when the one in flight is back ...
  bool queued_final_ = false;            // ... as the final one
  std::optional<std::string> answered_;  // final words that an answer has come to
  Lines ahead_;
  context_store::PromptNote late_;
  std::deque<std::unique_ptr<SaidTurn>> waiting_;
};

}  // namespace antiphon::pipeline
