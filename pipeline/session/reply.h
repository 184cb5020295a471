#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/text/phrase_splitter.h"
#include "models/text/tool_call_parser.h"
#include "models/text/utf8.h"
#include "pipeline/conversation.h"
#include "pipeline/session/prompt_slot.h"
#include "pipeline/session/reply_voice.h"
#include "pipeline/session/response_events.h"
#include "pipeline/session/turn_trace.h"
#include "pipeline/tool_use.h"

namespace antiphon::pipeline {

// One response, from the first token to the last event: the language model's tokens become text, phrases,
// sound, and events at the pace of speech. Until it is released it works and says nothing.
//
//   write, (on_token | on_speech | tick)*, release at any time, until over()
//   cancel, at any time: no work goes on, and if it was released the terminals are sent
//
// The conversation gets its message when the first of it is sent, and in the end holds what was heard. Calls
// of the client's functions come at the end, after what is said, and only if nobody has interrupted it. Where
// nothing is said the client sees the first one's arguments as they are written; that the call is whole, so
// that it may act, it is told at the end too.
//
// Owner: one session, on its media worker.
class Reply {
 public:
  Reply(const SessionContext& context, SessionTasks* tasks, ClientChannel* client, Conversation* conversation,
        PromptSlot* slot, Generation generation, ResponseTerms terms, const WireId& conversation_id);

  Generation generation() const { return generation_; }
  const ResponseEvents& events() const { return events_; }
  TurnTrace& trace() { return trace_; }

  // Asks the language model for the reply to this prompt. At most `tokens_max` tokens; `tools` may be null.
  void write(std::vector<models::Token> prompt, int tokens_max, std::shared_ptr<const ToolUse> tools,
             Time now);
  bool writing() const { return asked_; }
  // There is nothing to say: it ends, completed, without a message.
  void say_nothing(Time now);
  // There will be no prompt.
  void fail(const std::string& code, const std::string& message, Time now);

  void on_token(const PromptSlot::Heard& heard, Time now);
  void on_speech(SpeechResult result, Time now);
  void release(Time now);
  bool released() const { return released_; }
  void tick(Time now);  // of the session's grid

  enum class Cut { kHeard, kAll };  // what of the message stays: what was heard of it, or nothing
  // `reason`: turn_detected or client_cancelled.
  void cancel(const std::string& reason, Cut cut, Time now);

  // Its tokens come so slowly that a first phrase takes a good part of a second.
  bool writes_slowly() const { return writes_slowly_; }

  bool over() const { return over_; }
  // It will end as failed.
  bool failed() const { return failure_.has_value() || (voice_ && voice_->failed()); }
  // What the conversation has of it; none: it said nothing there.
  std::optional<WireId> message_id() const;
  // Of the message, what the listener has heard at `now`; ends the playout.
  std::string heard_text(Time now);
  // Of the message, once something of it was sent.
  std::optional<Time> first_sent() const { return trace_.first_audio_sent; }
  // When the listener has heard all that was sent.
  Time playout_end(Time now) const { return voice_ ? now + voice_lead(now) : now; }

 private:
  // Between two ticks: something new has come.
  void go_on(Time now);
  void go_on(Playout::Tick (Playout::*hand_out)(Time), Time now);
  bool spoken() const { return events_.terms().modality == OutputModality::kAudio; }
  Duration voice_lead(Time now) const;
  void add_reply(std::string_view bytes, Time now);
  void take_apart(Time now);
  void add_text(std::string_view bytes, Time now);
  void speak_phrases(Time now);
  bool listener_waits(Time now) const;
  void on_text_end(TokenEnd end, Time now);
  void begin_message(Time now);
  void send_frames(std::span<const audio::RenderFrame> frames, std::int64_t begin_sample, Time now);
  void send_text(Time now);
  void stop_work();
  void end(ResponseStatus status, std::optional<ResponseEnd> why, ContentPart content);
  void end_message(ResponseStatus status, ContentPart content);
  struct ToldCall {
    ConversationItem item;  // its arguments: what was told of them
    WireId previous;
    std::size_t bytes_read = 0;  // of the arguments
    models::text::Utf8Stream characters;
  };
  ToldCall begin_call(std::string name);
  void tell_open_call();
  void tell_arguments(ToldCall& told, std::string delta);
  void end_call(ToldCall told, ItemStatus status);
  void send_calls(ResponseStatus status);
  void complete(Time now);
  ContentPart content(std::int64_t samples) const;

  const SessionContext& context_;
  SessionTasks* const tasks_;
  ClientChannel* const client_;
  Conversation* const conversation_;
  PromptSlot* const slot_;
  const Generation generation_;
  ResponseEvents events_;
  std::optional<ReplyVoice> voice_;                     // only if spoken
  std::optional<models::text::ToolCallParser> parser_;  // if there is something to call
  std::vector<models::text::ReplyEvent> parsed_;        // by it, and not yet taken
  std::vector<models::text::ToolCall> calls_;           // whole ones
  std::optional<ToldCall> told_call_;                   // the first, if the client was told of it
  bool says_something_ = false;
  models::text::PhraseSplitter phrases_;
  models::text::Utf8Stream characters_;
  std::string text_pending_;  // whole characters, not sent yet
  std::string text_sent_;
  std::optional<TokenEnd> text_end_;
  std::optional<ResponseEnd> failure_;
  WireId previous_item_;
  ResponseUsage usage_;
  TurnTrace trace_;
  bool writes_slowly_ = false;
  bool asked_ = false;
  bool released_ = false;
  bool over_ = false;
};

}  // namespace antiphon::pipeline
