// Everything that a session tells its client, as native values; the protocol writes them as bytes and gives
// each its event_id. The order of events is the session's business.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/conversation_item.h"
#include "pipeline/session_config.h"
#include "pipeline/wire_id.h"

namespace antiphon::pipeline {

struct ErrorEvent {
  std::string type = "invalid_request_error";  // or server_error
  std::string code;
  std::string message;
  std::string param;            // the field; "" if there is none
  std::string client_event_id;  // of the event that caused it; "" if it had none
};

// session.created, session.updated: every effective setting.
struct SessionSnapshot {
  WireId id;
  std::int64_t expires_at_unix_s = 0;
  SessionConfig config;
};
struct SessionCreated {
  std::unique_ptr<const SessionSnapshot> session;  // never null
};
struct SessionUpdated {
  std::unique_ptr<const SessionSnapshot> session;  // never null
};

// input_audio_buffer.*; times count from the beginning of the session's audio.
struct SpeechStarted {
  WireId item_id;                            // of the user's item that is to come
  std::chrono::milliseconds audio_start{0};  // prefix padding included
};
struct SpeechStopped {
  WireId item_id;
  std::chrono::milliseconds audio_end{0};
};
struct InputAudioCommitted {
  WireId item_id;
  WireId previous_item_id;  // empty: none, written as null (so in the events below)
};
struct InputAudioCleared {};
struct InputIdleTimedOut {
  WireId item_id;
  std::chrono::milliseconds audio_start{0};
  std::chrono::milliseconds audio_end{0};
};
struct OutputAudioCleared {
  WireId response_id;
};

// conversation.item.*
struct ItemAdded {
  ConversationItem item;
  WireId previous_item_id;
};
struct ItemDone {
  ConversationItem item;
  WireId previous_item_id;
};
struct ItemRetrieved {
  ConversationItem item;
};
struct ItemDeleted {
  WireId item_id;
};
struct ItemTruncated {
  WireId item_id;
  int content_index = 0;
  std::chrono::milliseconds audio_end{0};
};

// conversation.item.input_audio_transcription.*
struct InputTranscriptDelta {
  WireId item_id;
  int content_index = 0;
  std::string delta;  // append only
};
struct InputTranscriptCompleted {
  WireId item_id;
  int content_index = 0;
  std::string transcript;
  std::chrono::milliseconds audio_duration{0};  // billed as "duration" in `usage`
};
struct InputTranscriptFailed {
  WireId item_id;
  int content_index = 0;
  std::string code;
  std::string message;
};

enum class ResponseStatus : std::uint8_t { kInProgress, kCompleted, kCancelled, kFailed, kIncomplete };

// Why a response ended otherwise than completed.
struct ResponseEnd {
  std::string reason;      // turn_detected, client_cancelled, max_output_tokens; "" if failed
  std::string error_type;  // only if failed, as the two below
  std::string error_code;
  std::string error_message;
};

struct ResponseUsage {
  int input_text_tokens = 0;
  int input_audio_tokens = 0;
  int input_cached_tokens = 0;  // of the input, what needed no prefill
  int output_text_tokens = 0;
  int output_audio_tokens = 0;
};

// response.created, response.done.
struct ResponseSnapshot {
  WireId id;
  WireId conversation_id;  // empty: outside the conversation, written as null
  ResponseStatus status = ResponseStatus::kInProgress;
  std::optional<ResponseEnd> end;  // of cancelled, failed, incomplete
  std::vector<ConversationItem> output;
  OutputModality output_modality = OutputModality::kAudio;
  TokenLimit max_output_tokens;
  audio::SampleFormat output_format = audio::SampleFormat::kPcm16;
  std::string voice;
  Metadata metadata;
  std::optional<ResponseUsage> usage;  // must be there when done
};
struct ResponseCreated {
  std::unique_ptr<const ResponseSnapshot> response;  // never null
};
struct ResponseDone {
  std::unique_ptr<const ResponseSnapshot> response;  // never null
};

struct OutputItemAdded {
  WireId response_id;
  int output_index = 0;
  ConversationItem item;
};
struct OutputItemDone {
  WireId response_id;
  int output_index = 0;
  ConversationItem item;
};

// Where in a response a piece of content belongs.
struct ContentPlace {
  WireId response_id;
  WireId item_id;
  int output_index = 0;
  int content_index = 0;
};

// Of `part` only kOutputText and kOutputAudio.
struct ContentPartAdded {
  ContentPlace place;
  ContentPart part;
};
struct ContentPartDone {
  ContentPlace place;
  ContentPart part;
};

// The one event of the frame path: no allocation if `audio` comes from EventSink::audio_buffer().
struct OutputAudioDelta {
  ContentPlace place;
  AudioBytes audio;  // in the response's output format; the protocol writes it as base64
};
struct OutputAudioDone {
  ContentPlace place;
};
struct OutputTranscriptDelta {
  ContentPlace place;
  std::string delta;
};
struct OutputTranscriptDone {
  ContentPlace place;
  std::string transcript;
};
struct OutputTextDelta {
  ContentPlace place;
  std::string delta;
};
struct OutputTextDone {
  ContentPlace place;
  std::string text;
};

// response.function_call_arguments.*; the place's content_index is not written.
struct FunctionArgumentsDelta {
  ContentPlace place;
  WireId call_id;
  std::string delta;
};
struct FunctionArgumentsDone {
  ContentPlace place;
  WireId call_id;
  std::string name;
  std::string arguments;
};

// antiphon.turn.trace, an event of our own: with the first sound of a reply, when its stages were reached.
struct TurnTraced {
  // Since `speech_end`, or since `decided`; none: never.
  using Stage = std::optional<std::chrono::milliseconds>;
  WireId response_id;
  Stage speech_end;  // where in the user's audio the last voice was; none: no speech was answered
  bool speculated = false;
  Stage paused;
  Stage decided;
  Stage transcript_final;
  Stage first_token;
  Stage first_phrase;
  Stage first_audio_made;
  Stage first_audio_sent;
};

// rate_limits.updated: what the client's key has left.
struct RateLimit {
  std::string name;  // requests
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  double reset_seconds = 0;  // until all of the limit is there again
};
struct RateLimitsUpdated {
  std::vector<RateLimit> limits;
};

using ServerEvent =
    std::variant<OutputAudioDelta, ErrorEvent, SessionCreated, SessionUpdated, SpeechStarted, SpeechStopped,
                 InputAudioCommitted, InputAudioCleared, InputIdleTimedOut, OutputAudioCleared, ItemAdded,
                 ItemDone, ItemRetrieved, ItemDeleted, ItemTruncated, InputTranscriptDelta,
                 InputTranscriptCompleted, InputTranscriptFailed, ResponseCreated, ResponseDone,
                 OutputItemAdded, OutputItemDone, ContentPartAdded, ContentPartDone, OutputAudioDone,
                 OutputTranscriptDelta, OutputTranscriptDone, OutputTextDelta, OutputTextDone,
                 FunctionArgumentsDelta, FunctionArgumentsDone, RateLimitsUpdated, TurnTraced>;
static_assert(sizeof(ServerEvent) <= 320);  // queues hold hundreds per connection

}  // namespace antiphon::pipeline
