#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pipeline/conversation.h"
#include "pipeline/session/client_channel.h"
#include "pipeline/session/event_queue.h"
#include "pipeline/session/item_desk.h"
#include "pipeline/session/prompt_slot.h"
#include "pipeline/session/reply.h"
#include "pipeline/session/reply_prompts.h"
#include "pipeline/session/session_context.h"
#include "pipeline/session/session_memory.h"
#include "pipeline/session/session_settings.h"
#include "pipeline/session/session_tasks.h"
#include "pipeline/session/side_replies.h"
#include "pipeline/session/token_pickers.h"
#include "pipeline/session/user_turn.h"
#include "pipeline/turns/turn_manager.h"

namespace antiphon::pipeline {

// One caller: takes the client's events and the lanes' results, asks the TurnManager who speaks, and has the
// parts do what it says: UserTurn (audio in, and its words), ReplyPrompts and PromptSlot (language model),
// Reply (audio out), SideReplies, SessionMemory.
//
// Owner:    one media worker; every call on its thread.
// Time:     never reads a clock, never blocks.
// Order:    client events are worked off in order. One that needs audio which is still being heard waits, and
//           those behind it too.
// Lifetime: after close() it is kept until idle(), since the lanes may still use its seat.
class Session {
 public:
  // `wall_now`: the same moment for the client, who is told when the session expires. `user`: whom the
  // memory is asked about, and told of.
  Session(const SessionContext& context, const SessionConfig& config, std::unique_ptr<EventSink> sink,
          Time now, WallTime wall_now, std::optional<context_store::UserPath> user = std::nullopt);

  void on_client_event(ClientEvent event, Time now);
  // Client events that were taken and not worked off; the worker tells the port when this falls.
  std::size_t events_waiting() const { return waiting_.size(); }
  void on_lane_result(LaneResult result, Time now);
  // Every 20 ms.
  void tick(Time now);
  // When on_wake() is due, between the ticks; nothing: never.
  std::optional<Time> wake_at() const { return memory_.wake_at(); }
  void on_wake(Time now);

  // The client is gone: drops all work.
  void close(Time now);
  // The turn may end, then the session ends with kDrained.
  void drain() { draining_ = true; }

  bool closed() const { return closed_; }
  // Events that the client's sink had no room for.
  std::uint64_t events_refused() const { return client_.refused(); }
  // The lanes have let go of everything.
  bool idle() const {
    return tasks_.in_flight() == 0 && !slot_.busy() && user_.ears().windows_in_flight() == 0 &&
           memory_.idle();
  }

 private:
  // --- session_events.cpp: the client ---
  void work_off_events(Time now);
  bool must_wait(const ClientEvent& event) const;
  bool hear_more();
  void handle(const SessionUpdate& update, Time now);
  void handle(const AppendInputAudio&, Time) {}
  void handle(const CommitInputAudio&, Time now);
  void handle(const ClearInputAudio&, Time now);
  void handle(const ClearOutputAudio&, Time now);
  void handle(CreateItem& create, Time now);
  void handle(const RetrieveItem& retrieve, Time) { items_.retrieve(retrieve); }
  void handle(const DeleteItem& remove, Time) { items_.remove(remove); }
  void handle(const TruncateItem& truncate, Time) { items_.truncate(truncate); }
  void handle(RequestResponse& request, Time now);
  void handle(const CancelResponse& cancel, Time now);
  void handle(const InvalidEvent& invalid, Time now);

  // --- session_turns.cpp: the turn manager's wishes ---
  void act(const turns::TurnActions& actions, Time now);
  void act(const turns::SpeechStarted& action, Time now);
  void act(const turns::SpeechStopped& action, Time) { user_.end(action.audio_end); }
  void act(const turns::AskSoundCue& action, Time now);
  void act(const turns::AskTextCue& action, Time now);
  void act(const turns::StartSpeculation& action, Time now);
  void act(const turns::DropSpeculation& action, Time now);
  void act(const turns::CommitTurn& action, Time now);
  void act(const turns::CreateResponse& action, Time now);
  void act(const turns::CancelResponse& action, Time now);
  void act(const turns::IdleTimedOut& action, Time) { user_.time_out(action); }
  void want_words(Generation generation, turns::AudioTime voice_end);

  // --- session_words.cpp: what the user says, from its sound to the language model ---
  void on_voice(float probability, turns::AudioTime quiet, Time now);
  void look_beyond_windows(Time now);
  void on_news(const Transcripts::News& news, Time now);
  void on_final_words(Generation generation, const std::string& text, Time now);
  void read_ahead(std::string_view hypothesis);
  bool speculates() const;
  bool cue_is_worth_it() const;
  void ask_text_cue(Generation generation, const std::string& text, Time now);
  void on_heard(const PromptSlot::Heard& heard, Time now);
  void on_memory(MemoryAnswer&& answer, Time now);
  void warm();

  // --- session_replies.cpp: words to replies ---
  void make_reply(Generation generation);
  void write_reply(const ConversationItem* next, Time now);
  void write_reply_now(const ConversationItem* next, Time now);
  void go_on_writing(Time now);
  void drop_held_reply();
  void settle_reply(Time now);
  void tell_first_sound(Time now);
  const ResponseWish* reply_wish() const { return wish_ ? &*wish_ : nullptr; }
  Reply* reply_of(Generation generation);  // null: it is over

  // --- session.cpp ---
  void pump(Time now);
  void end(SessionEnd reason, Time now);
  void end_if_due(Time now);

  const SessionContext context_;
  const WireId conversation_id_;
  const Time expires_at_;
  ClientChannel client_;
  SessionSettings settings_;
  EventQueue waiting_;
  std::size_t bytes_heard_ = 0;  // of the first waiting event, an AppendInputAudio
  SessionTasks tasks_;
  Conversation conversation_;
  ItemDesk items_;
  UserTurn user_;
  turns::TurnManager turns_;
  PromptSlot slot_;
  ReplyPrompts prompts_;
  SessionMemory memory_;
  SideReplies side_replies_;

  // What the last pause of the user has begun.
  struct PauseWork {
    std::optional<Time> began;              // the last one that was speculated in
    std::optional<Generation> speculation;  // waits for its words
    std::optional<Generation> text_cue;     // waits for its words
    std::shared_ptr<MessageEndResult> text_cue_result;
  };
  PauseWork pause_;

  std::optional<Reply> reply_;        // held back, or the active response
  std::optional<ResponseWish> wish_;  // of the reply
  bool first_sound_told_ = false;
  bool writes_slowly_ = false;  // the language model, in the last reply
  bool spoke_ = false;          // some audio of the conversation was sent
  bool warm_wanted_ = true;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace antiphon::pipeline
