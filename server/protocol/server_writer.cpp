#include "server/protocol/server_writer.h"

#include <boost/json.hpp>

#include <charconv>
#include <string_view>

#include "server/protocol/base64.h"
#include "server/protocol/beta_dialect.h"
#include "server/protocol/json_values.h"
#include "server/protocol/settings_writer.h"

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using namespace pipeline;

json::value id_or_null(const WireId& id) {
  return id.empty() ? json::value(nullptr) : json::value(text(id));
}

// The type, and a place for the event_id.
json::object event(json::string_view type) {
  return {{"type", type}, {"event_id", ""}};
}

json::object event(json::string_view type, json::object&& fields) {
  json::object object = event(type);
  for (auto& [key, value] : fields) object.emplace(key, std::move(value));
  return object;
}

json::object place_event(json::string_view type, const ContentPlace& place, json::object&& fields = {}) {
  json::object object = event(type, {{"response_id", text(place.response_id)},
                                     {"item_id", text(place.item_id)},
                                     {"output_index", place.output_index},
                                     {"content_index", place.content_index}});
  for (auto& [key, value] : fields) object.emplace(key, std::move(value));
  return object;
}

json::object arguments_event(json::string_view type, const ContentPlace& place, const WireId& call_id,
                             json::object&& fields) {
  json::object object = event(type, {{"response_id", text(place.response_id)},
                                     {"item_id", text(place.item_id)},
                                     {"output_index", place.output_index},
                                     {"call_id", text(call_id)}});
  for (auto& [key, value] : fields) object.emplace(key, std::move(value));
  return object;
}

// A part of a response is of type text or audio, other than the content of an item.
json::object response_part_json(const ContentPart& part) {
  if (part.kind == ContentPart::Kind::kOutputText) return {{"type", "text"}, {"text", part.text}};
  return {{"type", "audio"}, {"transcript", part.transcript.value_or("")}};
}

json::object object_of(const ErrorEvent& error) {
  return event("error", {{"error",
                          {{"type", error.type},
                           {"code", text_or_null(error.code)},
                           {"message", error.message},
                           {"param", text_or_null(error.param)},
                           {"event_id", text_or_null(error.client_event_id)}}}});
}

json::object object_of(const SessionCreated& created) {
  return event("session.created", {{"session", session_json(*created.session)}});
}

json::object object_of(const SessionUpdated& updated) {
  return event("session.updated", {{"session", session_json(*updated.session)}});
}

json::object object_of(const SpeechStarted& started) {
  return event("input_audio_buffer.speech_started",
               {{"audio_start_ms", started.audio_start.count()}, {"item_id", text(started.item_id)}});
}

json::object object_of(const SpeechStopped& stopped) {
  return event("input_audio_buffer.speech_stopped",
               {{"audio_end_ms", stopped.audio_end.count()}, {"item_id", text(stopped.item_id)}});
}

json::object object_of(const InputAudioCommitted& committed) {
  return event("input_audio_buffer.committed", {{"previous_item_id", id_or_null(committed.previous_item_id)},
                                                {"item_id", text(committed.item_id)}});
}

json::object object_of(const InputAudioCleared&) {
  return event("input_audio_buffer.cleared");
}

json::object object_of(const InputIdleTimedOut& idle) {
  return event("input_audio_buffer.timeout_triggered", {{"audio_start_ms", idle.audio_start.count()},
                                                        {"audio_end_ms", idle.audio_end.count()},
                                                        {"item_id", text(idle.item_id)}});
}

json::object object_of(const OutputAudioCleared& cleared) {
  return event("output_audio_buffer.cleared", {{"response_id", text(cleared.response_id)}});
}

json::object object_of(const ItemAdded& added) {
  return event("conversation.item.added",
               {{"previous_item_id", id_or_null(added.previous_item_id)}, {"item", item_json(added.item)}});
}

json::object object_of(const ItemDone& done) {
  return event("conversation.item.done",
               {{"previous_item_id", id_or_null(done.previous_item_id)}, {"item", item_json(done.item)}});
}

json::object object_of(const ItemRetrieved& retrieved) {
  return event("conversation.item.retrieved", {{"item", item_json(retrieved.item)}});
}

json::object object_of(const ItemDeleted& deleted) {
  return event("conversation.item.deleted", {{"item_id", text(deleted.item_id)}});
}

json::object object_of(const ItemTruncated& truncated) {
  return event("conversation.item.truncated", {{"item_id", text(truncated.item_id)},
                                               {"content_index", truncated.content_index},
                                               {"audio_end_ms", truncated.audio_end.count()}});
}

json::object object_of(const InputTranscriptDelta& delta) {
  return event(
      "conversation.item.input_audio_transcription.delta",
      {{"item_id", text(delta.item_id)}, {"content_index", delta.content_index}, {"delta", delta.delta}});
}

json::object object_of(const InputTranscriptCompleted& completed) {
  const double seconds = static_cast<double>(completed.audio_duration.count()) / 1000;
  return event("conversation.item.input_audio_transcription.completed",
               {{"item_id", text(completed.item_id)},
                {"content_index", completed.content_index},
                {"transcript", completed.transcript},
                {"usage", {{"type", "duration"}, {"seconds", seconds}}}});
}

json::object object_of(const InputTranscriptFailed& failed) {
  return event("conversation.item.input_audio_transcription.failed", {{"item_id", text(failed.item_id)},
                                                                      {"content_index", failed.content_index},
                                                                      {"error",
                                                                       {{"type", "transcription_error"},
                                                                        {"code", failed.code},
                                                                        {"message", failed.message},
                                                                        {"param", nullptr}}}});
}

json::object object_of(const ResponseCreated& created) {
  return event("response.created", {{"response", response_json(*created.response)}});
}

json::object object_of(const ResponseDone& done) {
  return event("response.done", {{"response", response_json(*done.response)}});
}

json::object object_of(const OutputItemAdded& added) {
  return event("response.output_item.added", {{"response_id", text(added.response_id)},
                                              {"output_index", added.output_index},
                                              {"item", item_json(added.item)}});
}

json::object object_of(const OutputItemDone& done) {
  return event("response.output_item.done", {{"response_id", text(done.response_id)},
                                             {"output_index", done.output_index},
                                             {"item", item_json(done.item)}});
}

json::object object_of(const ContentPartAdded& added) {
  return place_event("response.content_part.added", added.place, {{"part", response_part_json(added.part)}});
}

json::object object_of(const ContentPartDone& done) {
  return place_event("response.content_part.done", done.place, {{"part", response_part_json(done.part)}});
}

json::object object_of(const OutputAudioDone& done) {
  return place_event("response.output_audio.done", done.place);
}

json::object object_of(const OutputTranscriptDelta& delta) {
  return place_event("response.output_audio_transcript.delta", delta.place, {{"delta", delta.delta}});
}

json::object object_of(const OutputTranscriptDone& done) {
  return place_event("response.output_audio_transcript.done", done.place, {{"transcript", done.transcript}});
}

json::object object_of(const OutputTextDelta& delta) {
  return place_event("response.output_text.delta", delta.place, {{"delta", delta.delta}});
}

json::object object_of(const OutputTextDone& done) {
  return place_event("response.output_text.done", done.place, {{"text", done.text}});
}

json::object object_of(const FunctionArgumentsDelta& delta) {
  return arguments_event("response.function_call_arguments.delta", delta.place, delta.call_id,
                         {{"delta", delta.delta}});
}

json::object object_of(const FunctionArgumentsDone& done) {
  return arguments_event("response.function_call_arguments.done", done.place, done.call_id,
                         {{"name", done.name}, {"arguments", done.arguments}});
}

json::value stage(const TurnTraced::Stage& reached) {
  return reached ? json::value(reached->count()) : json::value(nullptr);
}

json::object object_of(const TurnTraced& trace) {
  json::object stages{{"paused", stage(trace.paused)},
                      {"decided", stage(trace.decided)},
                      {"transcript_final", stage(trace.transcript_final)},
                      {"first_token", stage(trace.first_token)},
                      {"first_phrase", stage(trace.first_phrase)},
                      {"first_audio_made", stage(trace.first_audio_made)},
                      {"first_audio_sent", stage(trace.first_audio_sent)}};
  return event("antiphon.turn.trace", {{"response_id", text(trace.response_id)},
                                       {"speech_end_ms", stage(trace.speech_end)},
                                       {"speculated", trace.speculated},
                                       {"stages_ms", std::move(stages)}});
}

json::object object_of(const RateLimitsUpdated& updated) {
  json::array limits;
  for (const RateLimit& limit : updated.limits) {
    limits.push_back(json::object{{"name", limit.name},
                                  {"limit", limit.limit},
                                  {"remaining", limit.remaining},
                                  {"reset_seconds", limit.reset_seconds}});
  }
  return event("rate_limits.updated", {{"rate_limits", std::move(limits)}});
}

void append_number(std::string& message, std::uint64_t number) {
  char digits[20];
  message.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

// A client's own id may hold any character; ours need no escape.
void append_id(std::string& message, const WireId& id) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : id.view()) {
    if (c == '"' || c == '\\') message += '\\';
    if (static_cast<unsigned char>(c) >= 0x20) {
      message += c;
    } else {
      message += "\\u00";
      message += kHex[static_cast<unsigned char>(c) >> 4];
      message += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
}

// The frame path: no JSON tree.
void write_audio_delta(const OutputAudioDelta& delta, std::uint64_t number, Dialect dialect,
                       std::string& message) {
  message = R"({"type":")";
  message += dialect == Dialect::kBeta ? kBetaAudioDelta : "response.output_audio.delta";
  message += R"(","event_id":"event_)";
  append_number(message, number);
  message += R"(","response_id":")";
  append_id(message, delta.place.response_id);
  message += R"(","item_id":")";
  append_id(message, delta.place.item_id);
  message += R"(","output_index":)";
  append_number(message, static_cast<std::uint64_t>(delta.place.output_index));
  message += R"(,"content_index":)";
  append_number(message, static_cast<std::uint64_t>(delta.place.content_index));
  message += R"(,"delta":")";
  append_base64(message, delta.audio);
  message += R"("})";
}

struct Writer {
  std::uint64_t number;
  Dialect dialect;
  std::string& message;

  void operator()(const OutputAudioDelta& delta) const { write_audio_delta(delta, number, dialect, message); }
  template <class Event>
  void operator()(const Event& event) const {
    json::object object = object_of(event);
    object["event_id"] = "event_" + std::to_string(number);
    message.clear();
    if (dialect == Dialect::kCurrent || to_beta(object)) message = json::serialize(object);
  }
};

}  // namespace

void write_server_event(const ServerEvent& event, std::uint64_t number, Dialect dialect,
                        std::string& message) {
  std::visit(Writer{number, dialect, message}, event);
}

}  // namespace antiphon::server::protocol
