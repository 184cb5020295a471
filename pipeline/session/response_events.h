#pragma once

#include <optional>
#include <string>
#include <string_view>

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

// Tells the client of one response with one message, in the protocol's order, whenever it ends:
//
//   created, [item added, part added, (transcript | audio)* or text*, content done, item done], done
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

  struct End {
    ResponseStatus status = ResponseStatus::kCompleted;
    std::optional<ResponseEnd> why;  // not for kCompleted
    ConversationItem message;        // as it is in the end; not used if no message began
    WireId previous;                 // the item before it
    ResponseUsage usage;
  };
  // All the terminals. REQUIRES: created(), and not ended.
  void end(End end);

  const ResponseTerms& terms() const { return terms_; }
  const WireId& response_id() const { return response_id_; }
  const WireId& item_id() const { return item_id_; }

 private:
  ContentPlace place() const { return {response_id_, item_id_, 0, 0}; }
  ResponseSnapshot snapshot() const;
  void end_content(const ContentPart& part);

  ClientChannel* const client_;
  const ResponseTerms terms_;
  const WireId conversation_id_;
  const WireId response_id_;
  const WireId item_id_;
  audio::OutputEncoder encoder_;
  bool created_ = false;
  bool message_begun_ = false;
};

}  // namespace antiphon::pipeline
