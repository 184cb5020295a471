// Everything that a client can ask of its session, as native values: what the protocol makes of one message.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "pipeline/conversation_item.h"
#include "pipeline/session_config.h"
#include "pipeline/wire_id.h"

namespace antiphon::pipeline {

// input_audio_buffer.*
struct AppendInputAudio {
  AudioBytes audio;  // in the session's input format; at most 15 MiB; may end in the middle of a sample
};
struct CommitInputAudio {};
struct ClearInputAudio {};

// output_audio_buffer.clear: stop playing the reply.
struct ClearOutputAudio {};

// conversation.item.*
struct CreateItem {
  ConversationItem item;                   // its id is empty if the client left it to us
  std::optional<WireId> previous_item_id;  // none: at the end; "root": at the front; else after that item
};
struct RetrieveItem {
  WireId item_id;
};
struct DeleteItem {
  WireId item_id;
};
struct TruncateItem {
  WireId item_id;
  int content_index = 0;                   // the protocol lets only 0 pass
  std::chrono::milliseconds audio_end{0};  // >= 0; what the user heard of the item
};

// response.*
struct RequestResponse {
  ResponseOverrides overrides;
};
struct CancelResponse {
  std::optional<WireId> response_id;  // none: the one that is writing to the conversation
};

// A message that was no valid event. The session answers it in its place among the others.
struct InvalidEvent {
  std::string code;     // of the protocol's error codes, as invalid_value
  std::string param;    // the field: session.audio.input.format; "" if there is none
  std::string message;  // one sentence for the client's author
};

// One message of the client.
struct ClientEvent {
  using Body = std::variant<SessionUpdate, AppendInputAudio, CommitInputAudio, ClearInputAudio,
                            ClearOutputAudio, CreateItem, RetrieveItem, DeleteItem, TruncateItem,
                            RequestResponse, CancelResponse, InvalidEvent>;
  std::string event_id;  // the client's own name for it, echoed in errors; "" if it gave none
  Body body;
};

}  // namespace antiphon::pipeline
