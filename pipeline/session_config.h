// What a client may choose about its session and about one response. Plain values; the protocol (server/)
// reads and writes them, the session obeys them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "audio/sample_format.h"
#include "pipeline/conversation_item.h"
#include "pipeline/turns/turn_detection.h"
#include "pipeline/wire_id.h"

namespace antiphon::pipeline {

using turns::TurnDetection;

enum class SessionType : std::uint8_t {
  kRealtime,
  kTranscription,  // listens only: transcripts, never a response
};

enum class OutputModality : std::uint8_t { kAudio, kText };

enum class NoiseReduction : std::uint8_t { kNearField, kFarField };

// A function of the client that the model may call.
struct Tool {
  std::string name;
  std::string description;
  std::string parameters_json;  // a JSON Schema object as text; "" if the client gave none

  bool operator==(const Tool&) const = default;
};

struct ToolChoice {
  enum class Kind : std::uint8_t { kAuto, kNone, kRequired, kFunction };
  Kind kind = Kind::kAuto;
  std::string function;  // only of kFunction

  bool operator==(const ToolChoice&) const = default;
};

// Whether and how the client wants the user's words as text.
struct Transcription {
  std::string model;     // any name is accepted and echoed
  std::string language;  // "" if not given
  std::string prompt;    // "" if not given

  bool operator==(const Transcription&) const = default;
};

// The most tokens of one response; none: "inf".
using TokenLimit = std::optional<int>;  // 1..4096

// Settings that are accepted, echoed and not acted upon: JSON texts.
struct EchoedSettings {
  std::string tracing = "null";
  std::string prompt = "null";
  std::string include = "null";
  std::string truncation = "\"auto\"";

  bool operator==(const EchoedSettings&) const = default;
};

// A session's effective settings. `model` is fixed when the session opens.
struct SessionConfig {
  SessionType type = SessionType::kRealtime;
  std::string model = "antiphon";
  OutputModality output_modality = OutputModality::kAudio;
  std::string instructions;
  std::vector<Tool> tools;
  ToolChoice tool_choice;
  TokenLimit max_output_tokens;

  audio::SampleFormat input_format = audio::SampleFormat::kPcm16;
  std::optional<NoiseReduction> noise_reduction;
  std::optional<Transcription> transcription;
  TurnDetection turn_detection;

  audio::SampleFormat output_format = audio::SampleFormat::kPcm16;
  std::string voice = "marin";  // any name is accepted and echoed; the pipeline maps it to a voice it has
  double speed = 1.0;           // 0.25..1.5

  EchoedSettings echoed;
  bool turn_traces = false;  // TurnTraced is sent; chosen in the address, since SDKs refuse unknown events
};

// What a session.update says about turn detection; what is absent stays as it is, or takes the default if the
// kind changes.
struct TurnDetectionUpdate {
  std::optional<TurnDetection::Kind> kind;
  std::optional<bool> create_response;
  std::optional<bool> interrupt_response;
  std::optional<float> threshold;
  std::optional<std::chrono::milliseconds> prefix_padding;
  std::optional<std::chrono::milliseconds> silence_duration;
  std::optional<std::optional<std::chrono::milliseconds>> idle_timeout;  // inner none: cleared
  std::optional<turns::Eagerness> eagerness;

  bool operator==(const TurnDetectionUpdate&) const = default;
};

// A session.update. Absent (outer none) keeps the setting; a present value, an empty one too, replaces it.
struct SessionUpdate {
  std::optional<SessionType> type;
  std::optional<std::string> model;  // accepted from every client, changes nothing
  std::optional<OutputModality> output_modality;
  std::optional<std::string> instructions;
  std::optional<std::vector<Tool>> tools;
  std::optional<ToolChoice> tool_choice;
  std::optional<TokenLimit> max_output_tokens;
  std::optional<audio::SampleFormat> input_format;
  std::optional<std::optional<NoiseReduction>> noise_reduction;
  std::optional<std::optional<Transcription>> transcription;
  std::optional<TurnDetectionUpdate> turn_detection;
  std::optional<audio::SampleFormat> output_format;
  std::optional<std::string> voice;
  std::optional<double> speed;
  std::optional<std::string> tracing;  // JSON text, as the three below
  std::optional<std::string> prompt;
  std::optional<std::string> include;
  std::optional<std::string> truncation;

  bool operator==(const SessionUpdate&) const = default;
};

// The config as it is after the update. What the session may refuse in its state (another voice after the
// first audio) is for the session to check first. Pure.
SessionConfig updated(SessionConfig config, const SessionUpdate& update);

using Metadata = std::vector<std::pair<std::string, std::string>>;  // at most 16, in the client's order

// One entry of response.create's `input`: an item of its own, or one of the conversation.
struct ItemReference {
  WireId id;

  bool operator==(const ItemReference&) const = default;
};
using ResponseInput = std::variant<ConversationItem, ItemReference>;

// What response.create changes for one response only; absent means as the session says.
struct ResponseOverrides {
  std::optional<OutputModality> output_modality;
  std::optional<std::string> instructions;
  std::optional<std::vector<Tool>> tools;
  std::optional<ToolChoice> tool_choice;
  std::optional<TokenLimit> max_output_tokens;
  std::optional<audio::SampleFormat> output_format;
  std::optional<std::string> voice;
  bool outside_conversation = false;                // conversation: "none"
  std::optional<std::vector<ResponseInput>> input;  // the prompt instead of the conversation; may be empty
  Metadata metadata;                                // echoed in the response

  bool operator==(const ResponseOverrides&) const = default;
};

}  // namespace antiphon::pipeline
