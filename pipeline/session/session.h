#pragma once

#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/conversation.h"
#include "pipeline/session/client_channel.h"
#include "pipeline/session/ears.h"
#include "pipeline/session/event_queue.h"
#include "pipeline/session/prompt_history.h"
#include "pipeline/session/prompt_slot.h"
#include "pipeline/session/reply.h"
#include "pipeline/session/session_context.h"
#include "pipeline/session/session_tasks.h"
#include "pipeline/session/token_pickers.h"
#include "pipeline/session/transcripts.h"
#include "pipeline/session/turn_memory.h"
#include "pipeline/tool_use.h"
#include "pipeline/turns/turn_manager.h"

namespace antiphon::pipeline {

// One caller: takes the client's events and the lanes' results, asks the TurnManager who speaks, and has the
// parts do what it says: Ears (audio in), Transcripts (words), PromptHistory and PromptSlot (language model),
// Reply (audio out).
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
  std::optional<Time> wake_at() const;
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
    return tasks_.in_flight() == 0 && !slot_.busy() && ears_.windows_in_flight() == 0 && memory_.idle();
  }

 private:
  using Tools = std::shared_ptr<const ToolUse>;
  // What a client asked of one response. None (null) in the functions below: as the session says.
  struct Wish {
    ResponseOverrides overrides;
    Tools tools;
  };

  // --- session_events.cpp: the client ---
  void work_off_events(Time now);
  bool must_wait(const ClientEvent& event) const;
  bool hear_more(Time now);
  void handle(const SessionUpdate& update, Time now);
  void handle(const AppendInputAudio& append, Time now);
  void handle(const CommitInputAudio&, Time now);
  void handle(const ClearInputAudio&, Time now);
  void handle(const ClearOutputAudio&, Time now);
  void handle(CreateItem& create, Time now);
  void handle(const RetrieveItem& retrieve, Time now);
  void handle(const DeleteItem& remove, Time now);
  void handle(const TruncateItem& truncate, Time now);
  void handle(RequestResponse& request, Time now);
  void handle(const CancelResponse& cancel, Time now);
  void handle(const InvalidEvent& invalid, Time now);
  void send_error(const ItemError& error);
  bool names_unknown_item(const ResponseOverrides& overrides);
  std::optional<Tools> tool_use(std::span<const Tool> tools, const ToolChoice& choice,
                                const std::string& field);
  template <class Event>
  void send_snapshot();

  // --- session_turns.cpp: the turn manager's wishes ---
  void act(const turns::TurnActions& actions, Time now);
  void act(const turns::SpeechStarted& action, Time now);
  void act(const turns::SpeechStopped& action, Time now);
  void act(const turns::AskSoundCue& action, Time now);
  void act(const turns::AskTextCue& action, Time now);
  void act(const turns::StartSpeculation& action, Time now);
  void act(const turns::DropSpeculation& action, Time now);
  void act(const turns::CommitTurn& action, Time now);
  void act(const turns::CreateResponse& action, Time now);
  void act(const turns::CancelResponse& action, Time now);
  void act(const turns::IdleTimedOut& action, Time now);
  void want_words(Generation generation, turns::AudioTime voice_end);

  // --- session_replies.cpp: words to replies ---
  void on_news(const Transcripts::News& news, Time now);
  void on_final_words(Generation generation, const std::string& text, Time now);
  void on_item_words(const Transcripts::News& news);
  void on_heard(const PromptSlot::Heard& heard, Time now);
  std::vector<models::Token> open_prompt(std::string_view words);
  void read_ahead(std::string_view hypothesis);
  bool speculates() const;
  bool cue_is_worth_it() const;
  void ask_text_cue(Generation generation, const std::string& text, Time now);
  void make_reply(Generation generation);
  void write_reply(const ConversationItem* next, Time now);
  void write_reply_now(const ConversationItem* next, Time now);
  std::vector<models::Token> reply_prompt(const Wish* wish, const ConversationItem* next);
  std::vector<ConversationItem> items_of(const ResponseOverrides& overrides) const;
  const Tools& tools_of(const Wish* wish) const { return wish != nullptr ? wish->tools : tools_; }
  const Wish* reply_wish() const { return wish_ ? &*wish_ : nullptr; }
  // The response reads something else than the conversation as it is.
  static bool has_own_prompt(const Wish* wish) {
    return wish != nullptr &&
           (wish->overrides.instructions || wish->overrides.input || wish->overrides.tools);
  }
  int reply_tokens_max(const Wish* wish) const;
  int prompt_room(const Wish* wish) const;  // tokens of the context, with the reply's left free
  void drop_held_reply();
  void send_trace();
  void settle_reply(Time now);
  void set_opening();
  void warm();

  // --- session_memory.cpp ---
  void begin_memory_turn();
  void hear_ahead(const std::string& hypothesis, Time now);
  const ConversationItem* last_words_of_user() const;
  void keep_typed_words(Time now);
  bool await_note(const ConversationItem* next, Time now);
  void place_note(const ConversationItem* next);
  void on_memory(MemoryAnswer&& answer, Time now);
  void go_on_writing(Time now);
  void remember_reply(Time now);
  void pump_memory(Time now);

  // --- side_replies.cpp: responses outside the conversation ---
  void begin_side_reply(Wish wish, Time now);
  void move_side_replies(Time now);
  bool cancel_side_reply(const WireId& response_id, Time now);
  Reply* reply_of(Generation generation);  // null: it is over

  // --- session.cpp ---
  void on_voice(float probability, turns::AudioTime quiet, Time now);
  void pump(Time now);
  void end(SessionEnd reason, Time now);

  const SessionContext context_;
  const WireId id_;
  const WireId conversation_id_;
  SessionConfig config_;
  Tools tools_;  // of config_; null: none
  const Time expires_at_;
  const std::int64_t expires_at_unix_s_;
  ClientChannel client_;
  EventQueue waiting_;
  std::size_t bytes_heard_ = 0;  // of the first waiting event, an AppendInputAudio
  SessionTasks tasks_;
  Ears ears_;
  Transcripts transcripts_;
  turns::TurnManager turns_;
  Conversation conversation_;
  PromptHistory history_;
  PromptSlot slot_;
  TurnMemory memory_;

  // The user's turn.
  WireId user_item_;                  // of the turn that is being heard; empty: not named yet
  turns::AudioTime buffer_start_{0};  // the first audio that no commit and no clear has taken
  bool voice_ = false;                // in the last window
  struct VoiceEnd {
    Time heard_at;
    turns::AudioTime position;
  };
  std::optional<VoiceEnd> voice_end_;      // of the last voice
  std::optional<VoiceEnd> turn_end_;       // of the turn that waits for a reply
  std::optional<Generation> speculation_;  // waits for its words
  std::optional<Time> paused_;             // when the last one began
  std::optional<Generation> text_cue_;     // waits for its words
  std::shared_ptr<MessageEndResult> text_cue_result_;
  std::optional<WireId> words_missing_;  // the item whose words the reply waits for

  // The assistant's.
  std::optional<Reply> reply_;  // held back, or the active response
  std::optional<Wish> wish_;    // of the reply
  struct AwaitedNote {
    Generation generation{};               // of the reply that waits for it
    std::optional<ConversationItem> next;  // that it answers, if that is no item yet
    Time until;
  };
  struct HeardReply {
    WireId item;
    Time ended;
  };
  std::optional<AwaitedNote> awaited_note_;
  std::optional<HeardReply> heard_reply_;  // over, and not told to the memory
  std::string ahead_words_;                // to be read when the memory has answered
  bool words_read_ = false;                // by the language model, some of this turn's
  WireId typed_item_;                      // the user's last message in writing that was answered
  struct SideReply {
    SideReply(Wish wish_in, const SessionContext& context, SessionTasks* tasks, ClientChannel* client,
              Conversation* conversation, PromptSlot* slot, Generation generation, ResponseTerms terms)
        : wish(std::move(wish_in)),
          reply(context, tasks, client, conversation, slot, generation, std::move(terms), WireId()) {}
    Wish wish;
    Reply reply;
  };
  std::list<SideReply> side_replies_;  // active, in the order of their requests
  std::uint64_t side_replies_begun_ = 0;
  bool first_sound_told_ = false;
  bool writes_slowly_ = false;  // the language model, in the last reply
  bool spoke_ = false;          // some audio was sent: the voice is fixed
  bool warm_wanted_ = true;
  bool draining_ = false;
  bool closed_ = false;
};

}  // namespace antiphon::pipeline
