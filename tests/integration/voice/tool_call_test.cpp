// Calls of the client's functions over a real socket, with the small models, and the same in the beta's
// words.
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/engine/engine.h"
#include "server/net/server.h"
#include "tests/integration/server/socket_client.h"
#include "tests/integration/server/talk.h"
#include "tests/integration/voice/small_voice.h"

namespace antiphon::server {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr const char* kTools =
    R"("tools":[{"type":"function","name":"get_weather","description":"Tells the weather in a city.",)"
    R"("parameters":{"type":"object","properties":{"city":{"type":"string","enum":["Paris","Rome"]},)"
    R"("unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["city"]}}])";

class ToolCall : public ::testing::Test {
 protected:
  ToolCall()
      : engine_(small_voice().networks(), engine_config()),
        server_(net_config(), engine_, registry_),
        thread_([this] { server_.run(stop_.get_token(), false); }) {}
  ~ToolCall() override {
    stop_.request_stop();
    thread_.join();
  }
  static NetConfig net_config() {
    NetConfig config;
    config.port = 0;
    config.drain_max = config.close_max = milliseconds(500);
    return config;
  }
  static pipeline::EngineConfig engine_config() {
    pipeline::EngineConfig config;
    config.sessions_max = kSmallVoiceSeats;
    return config;
  }

  // Up to response.done; partial transcripts are left out.
  static std::vector<json::value> events_until_done(SocketClient& client) {
    std::vector<json::value> events;
    do {
      json::value event = client.receive();
      if (event.is_null()) break;
      if (event.at("type") != "conversation.item.input_audio_transcription.delta" &&
          event.at("type") != "conversation.item.input_audio_transcription.completed") {
        events.push_back(std::move(event));
      }
    } while (events.empty() || events.back().at("type") != "response.done");
    return events;
  }
  // One for each run of deltas: how many there are depends on the words that the model chose.
  static std::vector<std::string> types_of(const std::vector<json::value>& events) {
    std::vector<std::string> types;
    for (const json::value& event : events) {
      std::string type(event.at("type").as_string());
      const bool repeated = !types.empty() && types.back() == type && type.ends_with(".delta");
      if (!repeated) types.push_back(std::move(type));
    }
    return types;
  }
  static const json::value& first(const std::vector<json::value>& events, const json::value& type) {
    const auto found =
        std::ranges::find_if(events, [&](const json::value& e) { return e.at("type") == type; });
    EXPECT_NE(found, events.end()) << type;
    return found == events.end() ? events.back() : *found;
  }

  prometheus::Registry registry_;
  pipeline::Engine engine_;
  Server server_;
  std::stop_source stop_;
  std::thread thread_;
};

TEST_F(ToolCall, ASpokenTurnCallsAndItsResultIsAnswered) {
  SocketClient client(server_.port());
  open_session(client, R"({"type":"server_vad","silence_duration_ms":300})");
  client.send(R"({"type":"session.update","session":{"type":"realtime","tool_choice":"required",)" +
              std::string(kTools) + "}}");
  EXPECT_EQ(client.receive().at("session").at("tool_choice"), "required");
  append_audio(client, spoken_pcm("What is the weather in Paris?") + std::string(48000, '\0'));
  const std::vector<json::value> events = events_until_done(client);
  const std::vector<std::string> expected = {"input_audio_buffer.speech_started",
                                             "input_audio_buffer.speech_stopped",
                                             "input_audio_buffer.committed",
                                             "conversation.item.added",
                                             "conversation.item.done",
                                             "response.created",
                                             "response.output_item.added",
                                             "conversation.item.added",
                                             "response.function_call_arguments.delta",
                                             "response.function_call_arguments.done",
                                             "conversation.item.done",
                                             "response.output_item.done",
                                             "response.done"};
  EXPECT_EQ(types_of(events), expected);
  const json::value& added = first(events, "response.output_item.added").at("item");
  const json::value& done = first(events, "response.function_call_arguments.done");
  const std::string call_id(done.at("call_id").as_string());
  EXPECT_EQ(added.at("call_id"), done.at("call_id"));
  EXPECT_EQ(added.at("name"), "get_weather");
  EXPECT_LE(call_id.size(), 32U);
  const json::value arguments = json::parse(done.at("arguments").as_string());
  EXPECT_TRUE(arguments.at("city") == "Paris" || arguments.at("city") == "Rome") << arguments;
  const json::value& response = events.back().at("response");
  EXPECT_EQ(response.at("status"), "completed");
  EXPECT_EQ(response.at("output").at(0).at("arguments"), done.at("arguments"));

  client.send(R"({"type":"conversation.item.create","item":{"type":"function_call_output","call_id":")" +
              call_id + R"(","output":"{\"weather\":\"sunny\"}"}})");
  client.send(R"({"type":"response.create","response":{"tool_choice":"none"}})");
  const std::vector<json::value> answer = events_until_done(client);
  const json::value& said = answer.back().at("response").at("output").at(0);
  EXPECT_EQ(said.at("type"), "message");
  // What a model of this size makes of the result is its own affair; it has read it.
  EXPECT_FALSE(said.at("content").at(0).at("transcript").as_string().empty());
  const auto tokens_read = [](const json::value& one) {
    return one.at("usage").at("input_tokens").as_int64();
  };
  EXPECT_GT(tokens_read(answer.back().at("response")), tokens_read(response) + 10);
}

TEST_F(ToolCall, AFunctionIsChosenForOneResponse) {
  SocketClient client(server_.port());
  open_session(client, "null");
  client.send(R"({"type":"response.create","response":{"output_modalities":["text"],"conversation":"none",)"
              R"("metadata":{"topic":"x"},"input":[{"type":"message","role":"user","content":)"
              R"([{"type":"input_text","text":"Hello!"}]}],)"
              R"("tool_choice":{"type":"function","name":"get_weather"},)" +
              std::string(kTools) + "}}");
  const std::vector<json::value> events = events_until_done(client);
  const json::value& response = events.back().at("response");
  EXPECT_TRUE(response.at("conversation_id").is_null());
  EXPECT_EQ(response.at("metadata").at("topic"), "x");
  EXPECT_EQ(response.at("output").at(0).at("name"), "get_weather");
  EXPECT_GT(response.at("usage").at("output_tokens").as_int64(), 0);
  EXPECT_EQ(std::ranges::count(types_of(events), "conversation.item.added"), 0);
}

TEST_F(ToolCall, TheBetasClientsHearTheirOwnWords) {
  SocketClient client(server_.port());
  client.set_field("OpenAI-Beta", "realtime=v1");
  ASSERT_TRUE(client.open());
  EXPECT_EQ(client.receive().at("session").at("modalities"), (json::array{"audio", "text"}));
  client.send(R"({"type":"session.update","session":{"turn_detection":null,"voice":"alloy"}})");
  EXPECT_EQ(client.receive().at("session").at("voice"), "alloy");
  append_audio(client, spoken_pcm("What is the capital of France?"));
  client.send(R"({"type":"input_audio_buffer.commit"})");
  client.send(R"({"type":"response.create","response":{"modalities":["audio","text"]}})");
  std::vector<std::string> types = types_of(events_until_done(client));
  types.erase(std::ranges::unique(types).begin(), types.end());
  for (const char* type :
       {"conversation.item.created", "response.audio.delta", "response.audio_transcript.delta",
        "response.audio_transcript.done", "response.audio.done", "response.content_part.done"}) {
    EXPECT_GE(std::ranges::count(types, type), 1) << type;
  }
  for (const std::string& type : types) {
    EXPECT_EQ(type.find("output_audio"), std::string::npos);
    EXPECT_NE(type, "conversation.item.done");
  }
}

}  // namespace
}  // namespace antiphon::server
