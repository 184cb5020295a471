#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audio/frame.h"
#include "audio/output_encoder.h"
#include "pipeline/session/client_channel.h"
#include "pipeline/session_config.h"

namespace antiphon::pipeline {

// What stays the same from response.created to response.done, whatever the client changes meanwhile.
struct ResponseTerms {
  OutputModality modality = OutputModality::kAudio;
  TokenLimit max_output_tokens;
  audio::SampleFormat output_format = audio::SampleFormat::kPcm16;
  std::string voice;
  double speed = 1.0;
  Metadata metadata;
  bool in_conversation = true;
};
ResponseTerms terms_of(const SessionConfig& config, const ResponseOverrides& overrides);

// Tells the client of one response with at most one message and any calls after it, in the protocol's order,
// whenever it ends:
//
//   created, [item added, part added, (transcript | audio)* or text*, content done, item done],
//   [item added, arguments*, arguments done, item done]*, done
//
// Owner:  one reply.
// Memory: audio() does not allocate.
class ResponseEvents {
 public:
  ResponseEvents(ClientChannel* client, ResponseTerms terms, const WireId& conversation_id);

  void created();
  bool was_created() const { return created_; }

  // The message begins: once, before any content. `previous`: the conversation's last item.
  void begin_message(const ConversationItem& item, const WireId& previous);
  bool message_begun() const { return message_begun_; }
  void audio(const audio::RenderFrame& frame);
  void transcript(std::string delta);
  void text(std::string delta);

  // The message as it is in the end: all of its terminals.  REQUIRES: message_begun(), once.
  void end_message(ConversationItem message, const WireId& previous);
  // A call of a client's function, one after the other. Not while the message is open.
  void begin_call(const ConversationItem& call, const WireId& previous);
  void call_arguments(const ConversationItem& call, std::string delta);
  // As it is in the end. Only of a completed one the arguments are told as done: clients act on that.
  void end_call(ConversationItem call, const WireId& previous);
  // The last event.  REQUIRES: created(), and not ended. `why`: not for kCompleted.
  void end(ResponseStatus status, std::optional<ResponseEnd> why, const ResponseUsage& usage);

  const ResponseTerms& terms() const { return terms_; }
  const WireId& response_id() const { return response_id_; }
  const WireId& item_id() const { return item_id_; }

 private:
  ContentPlace call_place(const ConversationItem& call) const {
    return {response_id_, call.id, static_cast<int>(output_.size()), 0};
  }
  ContentPlace place() const { return {response_id_, item_id_, 0, 0}; }
  ResponseSnapshot snapshot() const;
  void end_content(const ContentPart& part);

  ClientChannel* const client_;
  const ResponseTerms terms_;
  const WireId conversation_id_;
  const WireId response_id_;
  const WireId item_id_;
  audio::OutputEncoder encoder_;
  std::vector<ConversationItem> output_;  // that is done
  bool created_ = false;
  bool message_begun_ = false;
};

}  // namespace antiphon::pipeline
