// Every client event with its malformed variants: each gets the documented error, which names the event and
// the field, and the session goes on.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/integration/server/engine_socket.h"

namespace antiphon::server {
namespace {

namespace json = boost::json;

struct Malformed {
  std::string event;  // without its event_id and the braces around
  std::string code;
  std::string param;
};
using Table = std::vector<Malformed>;

constexpr const char* kMissing = "missing_required_parameter";
constexpr const char* kInvalid = "invalid_value";

class ClientEventTable : public EngineSocket {
 protected:
  ClientEventTable() { open(); }

  void open(const std::string& target = "/v1/realtime") {
    ASSERT_TRUE(client_.open(target));
    client_.receive();  // session.created
    if (target.find("transcription") != std::string::npos) return;
    client_.send(R"({"type":"session.update","session":{"type":"realtime","output_modalities":["text"],)"
                 R"("audio":{"input":{"turn_detection":null}}}})");
    ASSERT_EQ(client_.receive().at("type"), "session.updated");
  }

  void expect_error(const Malformed& one) {
    const std::string id = "mine_" + std::to_string(++sent_);
    client_.send(R"({"event_id":")" + id + "\"," + one.event + "}");
    const json::value answer = client_.receive();
    const std::string shown = one.event.substr(0, 300);
    ASSERT_FALSE(answer.is_null()) << "the connection ended at " << shown;
    ASSERT_EQ(answer.at("type"), "error") << shown << " got " << answer;
    const json::value& error = answer.at("error");
    EXPECT_EQ(error.at("type"), "invalid_request_error") << shown;
    EXPECT_EQ(error.at("code"), json::value(one.code)) << shown;
    EXPECT_EQ(error.at("param"), one.param.empty() ? json::value(nullptr) : json::value(one.param)) << shown;
    EXPECT_EQ(error.at("event_id"), json::value(id)) << shown;
    EXPECT_FALSE(error.at("message").as_string().empty()) << shown;
  }

  // A whole turn.
  void expect_that_it_goes_on() {
    type_in(client_, "bata bare");
    client_.send(R"({"type":"response.create"})");
    EXPECT_EQ(status_of(wait_for(client_, "response.done")), "completed");
  }

  void expect_errors(const Table& table) {
    for (const Malformed& one : table) expect_error(one);
    expect_that_it_goes_on();
  }

  // Of the member of the session, of an item and of a response.
  static Malformed session(const std::string& field, const std::string& code, const std::string& param) {
    return {R"("type":"session.update","session":{"type":"realtime",)" + field + "}", code,
            "session." + param};
  }
  static Malformed item(const std::string& fields, const std::string& code, const std::string& param) {
    return {R"("type":"conversation.item.create","item":{)" + fields + "}", code, "item." + param};
  }
  static Malformed response(const std::string& field, const std::string& code, const std::string& param) {
    return {R"("type":"response.create","response":{)" + field + "}", code, "response." + param};
  }

  SocketClient client_{server_.port()};
  int sent_ = 0;
};

std::string function(const std::string& fields) {
  return R"({"type":"function",)" + fields + "}";
}

std::string repeated(const std::string& text, int times, const std::string& between = ",") {
  std::string all = text;
  for (int i = 1; i < times; ++i) all += between + text;
  return all;
}

TEST_F(ClientEventTable, WhatIsNoEvent) {
  expect_errors({
      {R"("kind":"response.create")", kMissing, "type"},
      {R"("type":null)", kMissing, "type"},
      {R"("type":7)", kInvalid, "type"},
      {R"("type":"response.make")", kInvalid, "type"},
  });
}

TEST_F(ClientEventTable, WhatHasNoReadableEventId) {
  for (const std::string& message :
       {std::string("no JSON"), std::string("[]"), std::string(R"({"type":"response.cancel"} x)"),
        R"({"type":"response.cancel","x":)" + std::string(40, '[') + std::string(40, ']') + "}",
        R"({"type":"response.cancel","x":[)" + repeated("0", 200'002) + "]}"}) {
    client_.send(message);
    const json::value error = client_.receive().at("error");
    EXPECT_EQ(error.at("code"), "invalid_event");
    EXPECT_TRUE(error.at("event_id").is_null());
  }
  client_.send(R"({"type":"response.cancel","event_id":7})");
  EXPECT_EQ(client_.receive().at("error").at("param"), "event_id");
  expect_that_it_goes_on();
}

TEST_F(ClientEventTable, SessionUpdate) {
  expect_errors({
      {R"("type":"session.update")", kMissing, "session"},
      {R"("type":"session.update","session":null)", kMissing, "session"},
      {R"("type":"session.update","session":7)", kInvalid, "session"},
      {R"("type":"session.update","session":{"type":"translation"})", kInvalid, "session.type"},
      session(R"("model":7)", kInvalid, "model"),
      session(R"("instructions":7)", kInvalid, "instructions"),
      session(R"("output_modalities":["audio","text"])", kInvalid, "output_modalities"),
      session(R"("output_modalities":"audio")", kInvalid, "output_modalities"),
      session(R"("output_modalities":[])", kInvalid, "output_modalities"),
      session(R"("max_output_tokens":0)", kInvalid, "max_output_tokens"),
      session(R"("max_output_tokens":4097)", kInvalid, "max_output_tokens"),
      session(R"("max_output_tokens":"all")", kInvalid, "max_output_tokens"),
      session(R"("audio":[])", kInvalid, "audio"),
      session(R"("audio":{"input":7})", kInvalid, "audio.input"),
      session(R"("audio":{"input":{"format":7}})", kInvalid, "audio.input.format"),
      session(R"("audio":{"input":{"format":{"rate":24000}}})", kMissing, "audio.input.format.type"),
      session(R"("audio":{"input":{"format":{"type":"audio/mp3"}}})", kInvalid, "audio.input.format.type"),
      session(R"("audio":{"input":{"format":{"type":"audio/pcm","rate":8000}}})", kInvalid,
              "audio.input.format.rate"),
      session(R"("audio":{"input":{"noise_reduction":{"type":"none"}}})", kInvalid,
              "audio.input.noise_reduction.type"),
      session(R"("audio":{"input":{"transcription":"whisper-1"}})", kInvalid, "audio.input.transcription"),
      session(R"("audio":{"input":{"transcription":{"model":7}}})", kInvalid,
              "audio.input.transcription.model"),
      session(R"("audio":{"input":{"turn_detection":"none"}})", kInvalid, "audio.input.turn_detection"),
      session(R"("audio":{"input":{"turn_detection":{"type":"vad"}}})", kInvalid,
              "audio.input.turn_detection.type"),
      session(R"("audio":{"input":{"turn_detection":{"type":"server_vad","threshold":1.5}}})", kInvalid,
              "audio.input.turn_detection.threshold"),
      session(R"("audio":{"input":{"turn_detection":{"type":"server_vad","prefix_padding_ms":-1}}})",
              kInvalid, "audio.input.turn_detection.prefix_padding_ms"),
      session(R"("audio":{"input":{"turn_detection":{"type":"server_vad","silence_duration_ms":0.5}}})",
              kInvalid, "audio.input.turn_detection.silence_duration_ms"),
      session(R"("audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":10}}})", kInvalid,
              "audio.input.turn_detection.idle_timeout_ms"),
      session(R"("audio":{"input":{"turn_detection":{"type":"server_vad","create_response":1}}})", kInvalid,
              "audio.input.turn_detection.create_response"),
      session(R"("audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"keen"}}})", kInvalid,
              "audio.input.turn_detection.eagerness"),
      session(R"("audio":{"output":{"speed":9}})", kInvalid, "audio.output.speed"),
      session(R"("audio":{"output":{"voice":7}})", kInvalid, "audio.output.voice"),
      session(R"("audio":{"output":{"format":{"type":"audio/opus"}}})", kInvalid, "audio.output.format.type"),
  });
}

TEST_F(ClientEventTable, Tools) {
  const std::string f = function(R"("name":"f")");
  expect_errors({
      session(R"("tools":{})", kInvalid, "tools"),
      session(R"("tools":[7])", kInvalid, "tools[0]"),
      session(R"("tools":[{"type":"function"}])", kMissing, "tools[0].name"),
      session(R"("tools":[{"type":"mcp","name":"f"}])", kInvalid, "tools[0].type"),
      session(R"("tools":[)" + function(R"("name":"f","parameters":"{}")") + "]", kInvalid,
              "tools[0].parameters"),
      session(R"("tools":[)" + function(R"("name":"f","description":7)") + "]", kInvalid,
              "tools[0].description"),
      session(R"("tools":[)" + f + "," + function(R"("name":"")") + "]", kInvalid, "tools[1].name"),
      session(R"("tools":[)" + f + "," + f + "]", kInvalid, "tools"),
      session(R"("tools":[)" + repeated(f, 129) + "]", kInvalid, "tools"),
      session(R"("tools":[)" +
                  function(R"("name":"f","description":")" + std::string(300 * 1024, 'x') + '"') + "]",
              kInvalid, "tools"),
      session(R"("tool_choice":"maybe")", kInvalid, "tool_choice"),
      session(R"("tool_choice":7)", kInvalid, "tool_choice"),
      session(R"("tool_choice":{"type":"function"})", kMissing, "tool_choice.name"),
      session(R"("tool_choice":{"type":"function","name":"g"})", kInvalid, "tool_choice"),
      response(R"("tools":[{"type":"function"}])", kMissing, "tools[0].name"),
      response(R"("tool_choice":{"type":"function","name":"g"})", kInvalid, "tool_choice"),
  });
}

TEST_F(ClientEventTable, InputAudioBuffer) {
  const std::string too_large((15 << 20) / 3 * 4 + 8, 'A');
  expect_errors({
      {R"("type":"input_audio_buffer.append")", kMissing, "audio"},
      {R"("type":"input_audio_buffer.append","audio":null)", kMissing, "audio"},
      {R"("type":"input_audio_buffer.append","audio":[1,2])", kInvalid, "audio"},
      {R"("type":"input_audio_buffer.append","audio":"no Base64!")", kInvalid, "audio"},
      {R"("type":"input_audio_buffer.append","audio":")" + too_large + '"', kInvalid, "audio"},
      {R"("type":"input_audio_buffer.commit")", "input_audio_buffer_commit_empty", ""},
  });
  client_.send(R"({"type":"input_audio_buffer.clear","unknown":1})");
  EXPECT_EQ(client_.receive().at("type"), "input_audio_buffer.cleared");
  expect_error({R"("type":"input_audio_buffer.commit")", "input_audio_buffer_commit_empty", ""});
}

TEST_F(ClientEventTable, ItemCreate) {
  type_in(client_, "bata");
  const json::value added = client_.receive();
  client_.receive();
  const std::string known(added.at("item").at("id").as_string());
  const std::string message =
      R"("type":"message","role":"user","content":[{"type":"input_text","text":"a"}])";
  expect_errors({
      {R"("type":"conversation.item.create")", kMissing, "item"},
      {R"("type":"conversation.item.create","item":[])", kInvalid, "item"},
      {R"("type":"conversation.item.create","item":{})", kMissing, "item.type"},
      {R"("type":"conversation.item.create","previous_item_id":"nobody","item":{)" + message + "}", kInvalid,
       "previous_item_id"},
      {R"("type":"conversation.item.create","previous_item_id":7,"item":{)" + message + "}", kInvalid,
       "previous_item_id"},
      item(R"("type":"picture")", kInvalid, "type"),
      item(R"("type":"message","content":[])", kMissing, "role"),
      item(R"("type":"message","role":"robot","content":[])", kInvalid, "role"),
      item(R"("type":"message","role":"user")", kMissing, "content"),
      item(R"("type":"message","role":"user","content":"a")", kInvalid, "content"),
      item(R"("type":"message","role":"user","content":[{"text":"a"}])", kMissing, "content[0].type"),
      item(R"("type":"message","role":"user","content":[{"type":"input_text"}])", kMissing,
           "content[0].text"),
      item(R"("type":"message","role":"user","content":[{"type":"input_text","text":7}])", kInvalid,
           "content[0].text"),
      item(R"("type":"message","role":"user","content":[{"type":"input_audio","audio":"?"}])", kInvalid,
           "content[0].audio"),
      item(R"("type":"message","role":"user","content":[{"type":"output_text","text":"a"}])",
           "unsupported_content_type", "content[0].type"),
      item(R"("type":"message","role":"user","content":[{"type":"input_image","image_url":"a"}])",
           "unsupported_content_type", "content[0].type"),
      item(R"("id":")" + known + "\"," + message, kInvalid, "id"),
      item(R"("id":"root",)" + message, kInvalid, "id"),
      item(R"("id":")" + std::string(64, 'x') + "\"," + message, kInvalid, "id"),
      item(R"("id":7,)" + message, kInvalid, "id"),
      item(R"("status":"done",)" + message, kInvalid, "status"),
      item(R"("type":"function_call","arguments":"{}")", kMissing, "name"),
      item(R"("type":"function_call","name":"f")", kMissing, "arguments"),
      item(R"("type":"function_call_output","output":"x")", kMissing, "call_id"),
      item(R"("type":"function_call_output","call_id":"c")", kMissing, "output"),
      item(R"("type":"function_call_output","call_id":"c","output":{})", kInvalid, "output"),
      {R"("type":"conversation.item.create","item":{"type":"message","role":"user","content":[)"
       R"({"type":"input_text","text":")" +
           std::string(5 << 20, 'x') + "\"}]}",
       kInvalid, "item"},
  });
}

TEST_F(ClientEventTable, ItemsThatAreNamed) {
  type_in(client_, "bata");
  const std::string users(client_.receive().at("item").at("id").as_string());
  client_.receive();
  const std::string truncate = R"("type":"conversation.item.truncate",)";
  expect_errors({
      {R"("type":"conversation.item.retrieve")", kMissing, "item_id"},
      {R"("type":"conversation.item.retrieve","item_id":7)", kInvalid, "item_id"},
      {R"("type":"conversation.item.retrieve","item_id":"nobody")", "item_retrieve_invalid_item_id",
       "item_id"},
      {R"("type":"conversation.item.delete")", kMissing, "item_id"},
      {R"("type":"conversation.item.delete","item_id":"")", kInvalid, "item_id"},
      {R"("type":"conversation.item.delete","item_id":"nobody")", "item_delete_invalid_item_id", "item_id"},
      {truncate + R"("content_index":0,"audio_end_ms":0)", kMissing, "item_id"},
      {truncate + R"("item_id":"a","audio_end_ms":0)", kMissing, "content_index"},
      {truncate + R"("item_id":"a","content_index":0)", kMissing, "audio_end_ms"},
      {truncate + R"("item_id":"a","content_index":1,"audio_end_ms":0)", kInvalid, "content_index"},
      {truncate + R"("item_id":"a","content_index":0,"audio_end_ms":-1)", kInvalid, "audio_end_ms"},
      {truncate + R"("item_id":"a","content_index":0,"audio_end_ms":"0")", kInvalid, "audio_end_ms"},
      {truncate + R"("item_id":"nobody","content_index":0,"audio_end_ms":0)", "item_truncate_invalid_item_id",
       "item_id"},
      {truncate + R"("item_id":")" + users + R"(","content_index":0,"audio_end_ms":0)",
       "item_truncate_invalid_item_id", "item_id"},
  });
}

TEST_F(ClientEventTable, ResponseCreate) {
  std::string pairs;
  for (int i = 0; i < 17; ++i) pairs += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + R"(":"v")";
  expect_errors({
      {R"("type":"response.create","response":7)", kInvalid, "response"},
      response(R"("instructions":7)", kInvalid, "instructions"),
      response(R"("output_modalities":["video"])", kInvalid, "output_modalities"),
      response(R"("max_output_tokens":-1)", kInvalid, "max_output_tokens"),
      response(R"("conversation":"other")", kInvalid, "conversation"),
      response(R"("conversation":7)", kInvalid, "conversation"),
      response(R"("input":"a")", kInvalid, "input"),
      response(R"("input":[{"type":"message","role":"user"}])", kMissing, "input[0].content"),
      response(R"("input":[{"type":"item_reference"}])", kMissing, "input[0].id"),
      response(R"("input":[{"type":"item_reference","id":"nobody"}])", kInvalid, "input[0].id"),
      response(R"("metadata":[])", kInvalid, "metadata"),
      response(R"("metadata":{"k":7})", kInvalid, "metadata.k"),
      response(R"("metadata":{)" + pairs + "}", kInvalid, "metadata"),
      response(R"("metadata":{"k":")" + std::string(513, 'x') + "\"}", kInvalid, "metadata.k"),
      response(R"("audio":{"output":{"format":{"type":"audio/wav"}}})", kInvalid, "audio.output.format.type"),
      {R"("type":"response.cancel")", "response_cancel_not_active", ""},
      {R"("type":"response.cancel","response_id":7)", kInvalid, "response_id"},
      {R"("type":"response.cancel","response_id":"nobody")", "response_cancel_not_active", ""},
  });
}

TEST_F(ClientEventTable, WhatTheSessionsStateForbids) {
  type_in(client_, "bata bare basi bavo");
  client_.send(R"({"type":"response.create","response":{"output_modalities":["audio"]}})");
  wait_for(client_, "response.output_audio.delta");
  client_.send(R"({"type":"response.create","event_id":"second"})");
  const json::value second = wait_for(client_, "error").at("error");
  EXPECT_EQ(second.at("code"), "conversation_already_has_active_response");
  EXPECT_EQ(second.at("event_id"), "second");
  client_.send(R"({"type":"response.cancel","response_id":"nobody","event_id":"other"})");
  EXPECT_EQ(wait_for(client_, "error").at("error").at("code"), "response_cancel_not_active");
  client_.send(R"({"type":"session.update","event_id":"voice","session":{"type":"realtime","audio":)"
               R"({"output":{"voice":"other"}}}})");
  const json::value voice = wait_for(client_, "error").at("error");
  EXPECT_EQ(voice.at("code"), "cannot_update_voice");
  EXPECT_EQ(voice.at("param"), "session.audio.output.voice");
  EXPECT_EQ(status_of(wait_for(client_, "response.done")), "completed");
  expect_that_it_goes_on();
}

TEST_F(ClientEventTable, WhatATranscriptionSessionForbids) {
  SocketClient client(server_.port());
  ASSERT_TRUE(client.open("/v1/realtime?intent=transcription"));
  const json::value created = client.receive();
  EXPECT_EQ(created.at("session").at("type"), "transcription");
  EXPECT_FALSE(created.at("session").at("audio").at("input").at("transcription").is_null());
  client.send(R"({"type":"response.create","event_id":"e1"})");
  EXPECT_EQ(client.receive().at("error").at("code"), kInvalid);
  client.send(R"({"type":"session.update","event_id":"e2","session":{"type":"realtime"}})");
  EXPECT_EQ(client.receive().at("error").at("param"), "session.type");
  say(client, {{0, 1}, {0, 2}}, std::chrono::milliseconds(900));
  const json::value completed = wait_for(client, "conversation.item.input_audio_transcription.completed");
  EXPECT_EQ(completed.at("transcript"), "bare basi");
}

}  // namespace
}  // namespace antiphon::server
