#pragma once

#include <optional>
#include <string>
#include <utility>

#include "pipeline/conversation.h"
#include "pipeline/session/prompt_history.h"
#include "pipeline/session/reply.h"
#include "pipeline/session/turn_memory.h"

namespace antiphon::pipeline {

// What the user's memory has to do with a talk: asked while they speak and again about the words that are to
// be answered, and told afterwards what was said and heard. Its notes go into the history of the prompts.
//
// Owner: one session, on its media worker.
class SessionMemory {
 public:
  SessionMemory(const SessionContext& context, std::optional<context_store::UserPath> user,
                const Conversation* conversation, PromptHistory* history, Time now, WallTime wall_now)
      : context_(context),
        conversation_(conversation),
        history_(history),
        memory_(context, std::move(user), now, wall_now) {}

  // --- A turn of the user ---
  void begin_turn();
  // The words so far. False: no answer will come, so they can be read at once.
  [[nodiscard]] bool hear_ahead(const std::string& hypothesis, Time now);
  const std::string& ahead_words() const { return ahead_words_; }
  // The language model has read some of the turn's words: no note can stand before them any more.
  void on_words_read() { words_read_ = true; }
  // They go on: what came to the final words is of no use.
  void on_turn_goes_on();
  void keep_said(const std::string& text, Time now);

  // --- A reply ---
  // Whether it is written later: with the memory's answer (kFinal), or without it at wake_at(). `next`: what
  // it answers, null: the conversation's last words. `own_prompt`: it does not read the conversation as it
  // is, so it needs no note.
  [[nodiscard]] bool await_note(Generation reply, bool own_prompt, const ConversationItem* next, Time now);
  // Notes what the memory says to the words that are about to be answered.
  void place_note(const ConversationItem* next);
  struct AwaitedNote {
    Generation generation{};               // of the reply that waits for it
    std::optional<ConversationItem> next;  // that it answers, if that is no item yet
    Time until;
  };
  std::optional<AwaitedNote> take_awaited() { return std::exchange(awaited_, std::nullopt); }
  std::optional<Time> wake_at() const { return awaited_ ? std::optional(awaited_->until) : std::nullopt; }
  void give_up_final() { memory_.give_up_final(); }
  // It is over, as far as it is in the conversation.
  void on_reply_over(const WireId& message, Time now);

  // --- The lanes and the store ---
  TurnMemory::About on_answer(MemoryAnswer&& answer, Time now);
  void pump(Time now);
  // Tells the store what it was not told yet, and asks nothing any more. `reply`: that is cut short, or null.
  void close(Reply* reply, Time now);
  bool idle() const { return memory_.idle(); }

 private:
  const ConversationItem* last_words_of_user() const;
  // What the user has written and nobody has answered yet, whatever prompt it is answered with.
  void keep_typed_words(Time now);
  void keep_heard(Time now);

  const SessionContext& context_;
  const Conversation* const conversation_;
  PromptHistory* const history_;
  TurnMemory memory_;
  std::optional<AwaitedNote> awaited_;
  struct HeardReply {
    WireId item;
    Time ended;
  };
  std::optional<HeardReply> heard_reply_;  // over, and not told to the memory
  std::string ahead_words_;                // to be read when the memory has answered
  bool words_read_ = false;                // by the language model, some of this turn's
  WireId typed_item_;                      // the user's last message in writing that was answered
};

}  // namespace antiphon::pipeline
