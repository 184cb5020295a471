#include "server/protocol/client_reader.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

#include "server/protocol/append_reader.h"
#include "server/protocol/base64.h"
#include "server/protocol/beta_dialect.h"
#include "server/protocol/fields.h"
#include "server/protocol/item_reader.h"
#include "server/protocol/json_text.h"
#include "server/protocol/settings_reader.h"

namespace antiphon::server::protocol {
namespace {
namespace json = boost::json;

using namespace pipeline;
using Body = ClientEvent::Body;

Body append_audio(const Fields& event) {
  AppendInputAudio append;
  event.require("audio");
  const json::value* audio = event.value("audio");
  if (audio == nullptr || !audio->is_string()) {
    event.text("audio");
    return append;
  }
  std::optional<AudioBytes> bytes = base64_decoded(audio->get_string());
  if (!bytes) {
    event.fail("invalid_value", "audio", "is not Base64.");
  } else if (bytes->size() > kAudioBytesMax) {
    event.fail("invalid_value", "audio", "holds more than 15 MiB.");
  } else {
    append.audio = std::move(*bytes);
  }
  return append;
}

Body create_item(const Fields& event) {
  event.require("item");
  const std::optional<Fields> item = event.object("item");
  return CreateItem{item ? conversation_item(*item) : ConversationItem{}, event.id("previous_item_id")};
}

WireId item_id(const Fields& event) {
  event.require("item_id");
  return event.id("item_id").value_or(WireId());
}

Body truncate_item(const Fields& event) {
  TruncateItem truncate{item_id(event)};
  event.require("content_index");
  truncate.content_index = event.integer("content_index", 0, 0).value_or(0);
  event.require("audio_end_ms");
  truncate.audio_end = std::chrono::milliseconds(
      event.integer("audio_end_ms", 0, std::numeric_limits<int>::max()).value_or(0));
  return truncate;
}

Body update_session(const Fields& event) {
  event.require("session");
  const std::optional<Fields> session = event.object("session");
  return session ? session_update(*session) : SessionUpdate{};
}

// The beta's.
Body update_transcription(const Fields& event) {
  Body body = update_session(event);
  std::get<SessionUpdate>(body).type = SessionType::kTranscription;
  return body;
}

Body request_response(const Fields& event) {
  const std::optional<Fields> response = event.object("response");
  return RequestResponse{response ? response_overrides(*response) : ResponseOverrides{}};
}

struct Reader {
  std::string_view type;
  Body (*read)(const Fields& event);
};

const std::array<Reader, 12> kReaders = {{
    {"input_audio_buffer.append", append_audio},
    {"session.update", update_session},
    {"input_audio_buffer.commit", [](const Fields&) -> Body { return CommitInputAudio{}; }},
    {"input_audio_buffer.clear", [](const Fields&) -> Body { return ClearInputAudio{}; }},
    {"output_audio_buffer.clear", [](const Fields&) -> Body { return ClearOutputAudio{}; }},
    {"conversation.item.create", create_item},
    {"conversation.item.retrieve", [](const Fields& event) -> Body { return RetrieveItem{item_id(event)}; }},
    {"conversation.item.delete", [](const Fields& event) -> Body { return DeleteItem{item_id(event)}; }},
    {"conversation.item.truncate", truncate_item},
    {"response.create", request_response},
    {"transcription_session.update", update_transcription},
    {"response.cancel", [](const Fields& event) -> Body { return CancelResponse{event.id("response_id")}; }},
}};

Body read_body(const Fields& event) {
  event.require("type");
  const std::optional<std::string> type = event.text("type");
  if (!type) return InvalidEvent{};
  const auto* reader = std::find_if(kReaders.begin(), kReaders.end(),
                                    [&](const Reader& known) { return known.type == *type; });
  if (reader == kReaders.end()) {
    event.fail("invalid_value", "type", "is '" + type->substr(0, 100) + "', which is no client event.");
    return InvalidEvent{};
  }
  return reader->read(event);
}

ClientEvent unreadable(const std::string& why) {
  return {"", InvalidEvent{"invalid_event", "", "The message is not a JSON object: " + why + "."}};
}

}  // namespace

ClientEvent client_event(std::string_view message, Dialect& dialect) {
  if (std::optional<ClientEvent> append = plain_append(message)) return *std::move(append);
  json::monotonic_resource memory;
  const auto parsed = json_object(message, &memory);
  if (const auto* none = std::get_if<NoJsonObject>(&parsed)) return unreadable(none->why);

  Fault fault;
  const Fields fields(std::get<json::object>(parsed), "", fault);
  ClientEvent event;
  event.event_id = fields.text("event_id").value_or("");
  event.body = read_body(fields);
  if (speaks_beta(fields)) dialect = Dialect::kBeta;
  if (fault.found()) event.body = InvalidEvent{fault.code, fault.param, fault.message};
  return event;
}

}  // namespace antiphon::server::protocol
