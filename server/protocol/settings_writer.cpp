#include "server/protocol/settings_writer.h"

#include <charconv>
#include <string>

#include "server/protocol/base64.h"
#include "server/protocol/json_values.h"

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using namespace pipeline;

// 0.6f as 0.6, not as the double next to it.
double shortest(float number) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number);
  double read = 0;
  std::from_chars(digits, end.ptr, read);
  return read;
}

// Texts of settings that are only echoed; they came out of a parser or are constants.
json::value parsed(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value(nullptr) : value;
}

json::object format_json(audio::SampleFormat format) {
  switch (format) {
    case audio::SampleFormat::kPcm16:
      return {{"type", "audio/pcm"}, {"rate", 24000}};
    case audio::SampleFormat::kPcmu:
      return {{"type", "audio/pcmu"}};
    case audio::SampleFormat::kPcma:
      return {{"type", "audio/pcma"}};
  }
  return {};
}

json::array modalities_json(OutputModality modality) {
  return {modality == OutputModality::kAudio ? "audio" : "text"};
}

json::value limit_json(const TokenLimit& limit) {
  return limit ? json::value(*limit) : json::value("inf");
}

json::array tools_json(const std::vector<Tool>& tools) {
  json::array list;
  for (const Tool& tool : tools) {
    list.push_back(json::object{{"type", "function"},
                                {"name", tool.name},
                                {"description", tool.description},
                                {"parameters", tool.parameters_json.empty() ? json::value(json::object())
                                                                            : parsed(tool.parameters_json)}});
  }
  return list;
}

json::value tool_choice_json(const ToolChoice& choice) {
  switch (choice.kind) {
    case ToolChoice::Kind::kAuto:
      return "auto";
    case ToolChoice::Kind::kNone:
      return "none";
    case ToolChoice::Kind::kRequired:
      return "required";
    case ToolChoice::Kind::kFunction:
      return {{"type", "function"}, {"name", choice.function}};
  }
  return nullptr;
}

json::value noise_reduction_json(const std::optional<NoiseReduction>& reduction) {
  if (!reduction) return nullptr;
  return json::object{{"type", *reduction == NoiseReduction::kNearField ? "near_field" : "far_field"}};
}

json::value transcription_json(const std::optional<Transcription>& transcription) {
  if (!transcription) return nullptr;
  json::object object{{"model", transcription->model}};
  if (!transcription->language.empty()) object["language"] = transcription->language;
  if (!transcription->prompt.empty()) object["prompt"] = transcription->prompt;
  return object;
}

json::string_view name(turns::Eagerness eagerness) {
  switch (eagerness) {
    case turns::Eagerness::kLow:
      return "low";
    case turns::Eagerness::kMedium:
      return "medium";
    case turns::Eagerness::kHigh:
      return "high";
  }
  return "";
}

json::value turn_detection_json(const TurnDetection& detection) {
  switch (detection.kind) {
    case TurnDetection::Kind::kPushToTalk:
      return nullptr;
    case TurnDetection::Kind::kServerVad:
      return {{"type", "server_vad"},
              {"threshold", shortest(detection.threshold)},
              {"prefix_padding_ms", detection.prefix_padding.count()},
              {"silence_duration_ms", detection.silence_duration.count()},
              {"idle_timeout_ms",
               detection.idle_timeout ? json::value(detection.idle_timeout->count()) : json::value(nullptr)},
              {"create_response", detection.create_response},
              {"interrupt_response", detection.interrupt_response}};
    case TurnDetection::Kind::kSemanticVad:
      return {{"type", "semantic_vad"},
              {"eagerness", name(detection.eagerness)},
              {"create_response", detection.create_response},
              {"interrupt_response", detection.interrupt_response}};
  }
  return nullptr;
}

json::object input_json(const SessionConfig& config) {
  return {{"format", format_json(config.input_format)},
          {"noise_reduction", noise_reduction_json(config.noise_reduction)},
          {"transcription", transcription_json(config.transcription)},
          {"turn_detection", turn_detection_json(config.turn_detection)}};
}

json::object item_part_json(const ContentPart& part) {
  using Kind = ContentPart::Kind;
  if (part.kind == Kind::kInputText || part.kind == Kind::kOutputText) {
    return {{"type", part.kind == Kind::kInputText ? "input_text" : "output_text"}, {"text", part.text}};
  }
  json::object object{{"type", part.kind == Kind::kInputAudio ? "input_audio" : "output_audio"},
                      {"transcript", part.transcript ? json::value(*part.transcript) : json::value(nullptr)}};
  if (!part.audio.empty()) {
    std::string audio;
    append_base64(audio, part.audio);
    object["audio"] = audio;
  }
  return object;
}

json::string_view name(ItemStatus status) {
  switch (status) {
    case ItemStatus::kInProgress:
      return "in_progress";
    case ItemStatus::kCompleted:
      return "completed";
    case ItemStatus::kIncomplete:
      return "incomplete";
  }
  return "";
}

json::string_view name(Role role) {
  switch (role) {
    case Role::kSystem:
      return "system";
    case Role::kUser:
      return "user";
    case Role::kAssistant:
      return "assistant";
  }
  return "";
}

json::string_view name(ResponseStatus status) {
  switch (status) {
    case ResponseStatus::kInProgress:
      return "in_progress";
    case ResponseStatus::kCompleted:
      return "completed";
    case ResponseStatus::kCancelled:
      return "cancelled";
    case ResponseStatus::kFailed:
      return "failed";
    case ResponseStatus::kIncomplete:
      return "incomplete";
  }
  return "";
}

void add_body(json::object& item, const Message& message) {
  item["role"] = name(message.role);
  json::array content;
  for (const ContentPart& part : message.content) content.push_back(item_part_json(part));
  item["content"] = std::move(content);
}

void add_body(json::object& item, const FunctionCall& call) {
  item["call_id"] = text(call.call_id);
  item["name"] = call.name;
  item["arguments"] = call.arguments;
}

void add_body(json::object& item, const FunctionCallOutput& result) {
  item["call_id"] = text(result.call_id);
  item["output"] = result.output;
}

json::string_view type_of(const ConversationItem& item) {
  if (std::holds_alternative<Message>(item.body)) return "message";
  return std::holds_alternative<FunctionCall>(item.body) ? "function_call" : "function_call_output";
}

json::value end_json(const ResponseSnapshot& response) {
  if (!response.end) return nullptr;
  json::object object{{"type", name(response.status)}};
  if (!response.end->reason.empty()) object["reason"] = response.end->reason;
  if (response.status == ResponseStatus::kFailed) {
    object["error"] = json::object{{"type", response.end->error_type},
                                   {"code", text_or_null(response.end->error_code)},
                                   {"message", response.end->error_message}};
  }
  return object;
}

json::value usage_json(const std::optional<ResponseUsage>& usage) {
  if (!usage) return nullptr;
  const int input = usage->input_text_tokens + usage->input_audio_tokens;
  const int output = usage->output_text_tokens + usage->output_audio_tokens;
  return {{"total_tokens", input + output},
          {"input_tokens", input},
          {"output_tokens", output},
          {"input_token_details",
           {{"text_tokens", usage->input_text_tokens},
            {"audio_tokens", usage->input_audio_tokens},
            {"image_tokens", 0},
            {"cached_tokens", usage->input_cached_tokens},
            {"cached_tokens_details",
             {{"text_tokens", usage->input_cached_tokens}, {"audio_tokens", 0}, {"image_tokens", 0}}}}},
          {"output_token_details",
           {{"text_tokens", usage->output_text_tokens}, {"audio_tokens", usage->output_audio_tokens}}}};
}

json::value metadata_json(const Metadata& metadata) {
  if (metadata.empty()) return nullptr;
  json::object object;
  for (const auto& [key, value] : metadata) object[key] = value;
  return object;
}

}  // namespace

json::object session_json(const SessionSnapshot& session) {
  const SessionConfig& config = session.config;
  if (config.type == SessionType::kTranscription) {
    return {{"type", "transcription"},
            {"object", "realtime.transcription_session"},
            {"id", text(session.id)},
            {"expires_at", session.expires_at_unix_s},
            {"include", parsed(config.echoed.include)},
            {"audio", {{"input", input_json(config)}}}};
  }
  return {{"type", "realtime"},
          {"object", "realtime.session"},
          {"id", text(session.id)},
          {"expires_at", session.expires_at_unix_s},
          {"model", config.model},
          {"output_modalities", modalities_json(config.output_modality)},
          {"instructions", config.instructions},
          {"tools", tools_json(config.tools)},
          {"tool_choice", tool_choice_json(config.tool_choice)},
          {"max_output_tokens", limit_json(config.max_output_tokens)},
          {"tracing", parsed(config.echoed.tracing)},
          {"prompt", parsed(config.echoed.prompt)},
          {"include", parsed(config.echoed.include)},
          {"truncation", parsed(config.echoed.truncation)},
          {"audio",
           {{"input", input_json(config)},
            {"output",
             {{"format", format_json(config.output_format)},
              {"voice", config.voice},
              {"speed", config.speed}}}}}};
}

json::object response_json(const ResponseSnapshot& response) {
  json::array output;
  for (const ConversationItem& item : response.output) output.push_back(item_json(item));
  return {
      {"id", text(response.id)},
      {"object", "realtime.response"},
      {"conversation_id", text_or_null(std::string(response.conversation_id.view()))},
      {"status", name(response.status)},
      {"status_details", end_json(response)},
      {"output", std::move(output)},
      {"output_modalities", modalities_json(response.output_modality)},
      {"max_output_tokens", limit_json(response.max_output_tokens)},
      {"audio", {{"output", {{"format", format_json(response.output_format)}, {"voice", response.voice}}}}},
      {"metadata", metadata_json(response.metadata)},
      {"usage", usage_json(response.usage)}};
}

json::object item_json(const ConversationItem& item) {
  json::object object{{"id", text(item.id)},
                      {"object", "realtime.item"},
                      {"type", type_of(item)},
                      {"status", name(item.status)}};
  std::visit([&](const auto& body) { add_body(object, body); }, item.body);
  return object;
}

}  // namespace antiphon::server::protocol
