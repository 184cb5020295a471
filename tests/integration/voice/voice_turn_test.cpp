// Spoken turns over a real socket, with the small models: what a client of the protocol hears and in which
// order.
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <chrono>
#include <memory>
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

using std::chrono::milliseconds;

NetConfig net_config() {
  NetConfig config;
  config.port = 0;
  config.drain_max = config.close_max = milliseconds(500);
  return config;
}

pipeline::EngineConfig engine_config() {
  pipeline::EngineConfig config;
  config.sessions_max = kSmallVoiceSeats;
  return config;
}

class VoiceTurn : public ::testing::Test {
 protected:
  VoiceTurn()
      : engine_(small_voice().networks(), engine_config()),
        server_(net_config(), engine_, registry_),
        thread_([this] { server_.run(stop_.get_token(), false); }) {}
  ~VoiceTurn() override {
    stop_.request_stop();
    thread_.join();
  }

  // Up to response.done; partial transcripts are left out, repeated types are named once.
  std::vector<std::string> types_until_done(SocketClient& client) {
    std::vector<std::string> types;
    while (types.empty() || types.back() != "response.done") {
      last_ = client.receive();
      if (last_.is_null()) break;
      const std::string type(last_.at("type").as_string());
      if (type == "conversation.item.input_audio_transcription.delta") continue;
      if (types.empty() || types.back() != type) types.push_back(type);
    }
    return types;
  }
  // A reply of several phrases: their deltas are named once.
  static std::vector<std::string> with_one_phrase(const std::vector<std::string>& types) {
    std::vector<std::string> one;
    for (const std::string& type : types) {
      const bool delta = type.ends_with(".delta");
      if (!delta || std::ranges::count(one, type) == 0) one.push_back(type);
    }
    return one;
  }
  std::string transcript() const {
    const auto& output = last_.at("response").at("output").as_array();
    if (output.empty()) return "";
    return std::string(output[0].at("content").as_array()[0].at("transcript").as_string());
  }

  prometheus::Registry registry_;
  pipeline::Engine engine_;
  Server server_;
  std::stop_source stop_;
  std::thread thread_;
  boost::json::value last_;
};

const std::vector<std::string> kResponse = {"response.created",
                                            "response.output_item.added",
                                            "conversation.item.added",
                                            "response.content_part.added",
                                            "response.output_audio_transcript.delta",
                                            "response.output_audio.delta",
                                            "response.output_audio.done",
                                            "response.output_audio_transcript.done",
                                            "response.content_part.done",
                                            "conversation.item.done",
                                            "response.output_item.done",
                                            "response.done"};

TEST_F(VoiceTurn, AnswersASpokenQuestionWithEventsInTheProtocolsOrder) {
  SocketClient client(server_.port());
  open_session(client, R"({"type":"server_vad","silence_duration_ms":300})");
  append_audio(client, spoken_pcm("What is the capital of France?") + std::string(48000, '\0'));
  std::vector<std::string> expected = {"input_audio_buffer.speech_started",
                                       "input_audio_buffer.speech_stopped", "input_audio_buffer.committed",
                                       "conversation.item.added", "conversation.item.done"};
  expected.insert(expected.end(), kResponse.begin(), kResponse.end());
  std::vector<std::string> types = types_until_done(client);
  // The words may come before, during or after the reply, but once.
  EXPECT_EQ(std::erase(types, "conversation.item.input_audio_transcription.completed"), 1U);
  EXPECT_EQ(with_one_phrase(types), expected);
  EXPECT_EQ(last_.at("response").at("status").as_string(), "completed");
  EXPECT_NE(transcript().find("Paris"), std::string::npos) << transcript();
}

TEST_F(VoiceTurn, AnswersPushToTalkFromOneLongMessage) {
  SocketClient client(server_.port());
  open_session(client, "null");
  append_audio(client, spoken_pcm("What is the capital of France?"));
  client.send(R"({"type":"input_audio_buffer.commit"})");
  client.send(R"({"type":"response.create"})");
  const std::vector<std::string> types = types_until_done(client);
  EXPECT_EQ(types.front(), "input_audio_buffer.committed");
  EXPECT_NE(transcript().find("Paris"), std::string::npos) << transcript();
}

TEST_F(VoiceTurn, SaysThatTheUserSpeaksBeforeItEndsTheInterruptedReply) {
  SocketClient client(server_.port());
  open_session(client, R"({"type":"server_vad"})");
  client.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":)"
              R"([{"type":"input_text","text":"Tell me a long story about a king and a queen."}]}})");
  client.send(R"({"type":"response.create"})");
  while (client.receive().at("type").as_string() != "response.output_audio.delta") {
  }
  std::this_thread::sleep_for(milliseconds(300));
  append_audio(client, spoken_pcm("Stop. What is the capital of France?"));
  std::vector<std::string> types = types_until_done(client);
  types.erase(types.begin(), std::ranges::find(types, "input_audio_buffer.speech_started"));
  const std::vector<std::string> expected = {"input_audio_buffer.speech_started",
                                             "response.output_audio.done",
                                             "response.output_audio_transcript.done",
                                             "response.content_part.done",
                                             "conversation.item.done",
                                             "response.output_item.done",
                                             "response.done"};
  EXPECT_EQ(types, expected);
  EXPECT_EQ(last_.at("response").at("status_details").at("reason").as_string(), "turn_detected");
}

TEST_F(VoiceTurn, FreesItsSeatWhereverTheClientDisappears) {
  const std::string question = spoken_pcm("What is the capital of France?") + std::string(24000, '\0');
  const auto wait_for_sessions = [this](int at_most) {
    for (int waits = 0; engine_.report().sessions > at_most && waits < 1000; ++waits) {
      std::this_thread::sleep_for(milliseconds(10));
    }
  };
  for (const int stage : {0, 1, 2, 3}) {
    wait_for_sessions(kSmallVoiceSeats - 1);
    SocketClient client(server_.port());
    open_session(client, R"({"type":"semantic_vad","eagerness":"high"})");
    append_audio(client,
                 std::string_view(question).substr(0, question.size() * static_cast<std::size_t>(stage) / 3));
    std::this_thread::sleep_for(milliseconds(100 * stage));
    client.disconnect();
  }
  wait_for_sessions(0);
  EXPECT_EQ(engine_.report().sessions, 0);
}

}  // namespace
}  // namespace antiphon::server
