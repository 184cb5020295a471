// The whole engine behind a real socket, with fake networks: what only happens over time.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "audio/wav_writer.h"
#include "pipeline/engine/engine.h"
#include "pipeline/metrics/engine_metrics.h"
#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"
#include "tests/integration/server/talk.h"
#include "tests/support/fakes/fake_networks.h"

namespace antiphon::server {
namespace {

using fakes::Word;
using std::chrono::milliseconds;

constexpr int kSeats = 2;

pipeline::EngineConfig engine_config(milliseconds session_max) {
  pipeline::EngineConfig config;
  config.sessions_max = kSeats;
  config.compute_lanes = 2;
  config.io_threads = 2;
  config.limits.session_max = session_max;
  return config;
}

NetConfig net_config() {
  NetConfig config = test_config();
  config.drain_max = milliseconds(8000);
  return config;
}

class EngineSocket : public ::testing::Test {
 protected:
  explicit EngineSocket(milliseconds session_max = std::chrono::minutes(60), int context_tokens_max = 400)
      : networks_(kSeats, context_tokens_max, &faults_),
        engine_(networks_.networks(), engine_config(session_max)),
        server_(net_config(), engine_, registry_),
        thread_([this] { server_.run(stop_.get_token(), false); }) {}
  ~EngineSocket() override {
    stop_.request_stop();
    thread_.join();
  }

  static void say(SocketClient& client, const std::vector<Word>& words, milliseconds silence) {
    std::vector<float> samples;
    for (const Word& word : words) fakes::append_sound(word, 24000, &samples);
    samples.insert(samples.end(), static_cast<std::size_t>(silence.count() * 24), 0.0F);
    append_audio(client, audio::pcm16_bytes(samples));
  }
  static void type_in(SocketClient& client, const std::string& text) {
    client.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":)"
                R"([{"type":"input_text","text":")" +
                text + "\"}]}}");
  }
  // The next event of this type; others are passed over.
  static boost::json::value wait_for(SocketClient& client, const std::string& type) {
    for (;;) {
      boost::json::value event = client.receive();
      if (event.is_null()) {
        ADD_FAILURE() << "the connection ended before " << type;
        return event;
      }
      if (event.at("type").as_string() == type) return event;
    }
  }
  static std::string status_of(const boost::json::value& done) {
    return std::string(done.at("response").at("status").as_string());
  }
  bool all_returned() {
    return eventually([this] {
      const pipeline::EngineReport report = engine_.report();
      return report.sessions == 0 && report.compute_tasks.waiting == 0 &&
             report.language_model_requests.waiting == 0 && report.voice_windows.waiting == 0;
    });
  }

  fakes::FaultList faults_;
  fakes::FakeNetworks networks_;
  pipeline::Engine engine_;
  pipeline::EngineRegistry registry_{&engine_};
  Server server_;
  std::stop_source stop_;
  std::thread thread_;
};

constexpr const char* kServerVad = R"({"type":"server_vad","silence_duration_ms":300})";

TEST_F(EngineSocket, AWrongEndIsWithdrawnAndBothPiecesAreOneTurn) {
  SocketClient client(server_.port());
  open_session(client, kServerVad);
  say(client, {{0, 1}, {0, 2}}, milliseconds(400));
  wait_for(client, "response.created");
  say(client, {{0, 3}, {0, 4}}, milliseconds(400));
  const boost::json::value first = wait_for(client, "response.done");
  EXPECT_EQ(status_of(first), "cancelled");
  EXPECT_EQ(first.at("response").at("status_details").at("reason").as_string(), "turn_detected");
  EXPECT_EQ(status_of(wait_for(client, "response.done")), "completed");
  client.close();
  EXPECT_TRUE(all_returned());
}

TEST_F(EngineSocket, SilenceAfterAReplyTimesOutAndIsAnswered) {
  SocketClient client(server_.port());
  open_session(client, R"({"type":"server_vad","silence_duration_ms":200,"idle_timeout_ms":5000})");
  say(client, {{0, 1}}, milliseconds(300));
  EXPECT_EQ(status_of(wait_for(client, "response.done")), "completed");
  const auto from = std::chrono::steady_clock::now();
  const std::string item(wait_for(client, "input_audio_buffer.timeout_triggered").at("item_id").as_string());
  EXPECT_GE(std::chrono::steady_clock::now() - from, milliseconds(4500));
  EXPECT_EQ(wait_for(client, "input_audio_buffer.committed").at("item_id").as_string(), item);
  wait_for(client, "response.done");
}

TEST_F(EngineSocket, DeletedAndTruncatedItemsAreAnsweredAndGone) {
  SocketClient client(server_.port());
  open_session(client, "null");
  type_in(client, "bata bare");
  const boost::json::value added = wait_for(client, "conversation.item.added");
  client.send(R"({"type":"response.create"})");
  const boost::json::value done = wait_for(client, "response.done");
  const std::string reply(done.at("response").at("output").as_array()[0].at("id").as_string());
  client.send(R"({"type":"conversation.item.truncate","item_id":")" + reply +
              R"(","content_index":0,"audio_end_ms":0})");
  EXPECT_EQ(wait_for(client, "conversation.item.truncated").at("audio_end_ms").as_int64(), 0);
  client.send(R"({"type":"conversation.item.retrieve","item_id":")" + reply + "\"}");
  const boost::json::value retrieved = wait_for(client, "conversation.item.retrieved");
  EXPECT_EQ(retrieved.at("item").at("content").as_array()[0].at("transcript").as_string(), "");
  const std::string user(added.at("item").at("id").as_string());
  client.send(R"({"type":"conversation.item.delete","item_id":")" + user + "\"}");
  EXPECT_EQ(wait_for(client, "conversation.item.deleted").at("item_id").as_string(), user);
  client.send(R"({"type":"conversation.item.retrieve","item_id":")" + user + "\"}");
  EXPECT_EQ(wait_for(client, "error").at("error").at("code").as_string(), "item_retrieve_invalid_item_id");
}

TEST_F(EngineSocket, SeatsAndSlotsReturnWhereverTheClientDisappears) {
  const std::vector<std::string> stages = {
      "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped",
      "input_audio_buffer.committed",      "response.created",
      "response.output_item.added",        "response.output_audio.delta",
      "response.output_audio.done",        "response.done"};
  for (const std::string& stage : stages) {
    SocketClient client(server_.port());
    open_session(client, kServerVad);
    say(client, {{0, 1}, {0, 2}}, milliseconds(400));
    wait_for(client, stage);
    client.disconnect();
    EXPECT_TRUE(all_returned()) << stage;
  }
  EXPECT_TRUE(faults_.empty());
}

TEST_F(EngineSocket, ADrainLetsTheReplyEndAndSaysGoodBye) {
  SocketClient client(server_.port());
  open_session(client, "null");
  type_in(client, "bata bare basi");
  client.send(R"({"type":"response.create"})");
  wait_for(client, "response.output_audio.delta");
  stop_.request_stop();
  EXPECT_EQ(status_of(wait_for(client, "response.done")), "completed");
  EXPECT_EQ(client.receive_close(), websocket::close_code::going_away);
  EXPECT_EQ(engine_.missing().size(), 1U);
  EXPECT_TRUE(all_returned());
}

TEST_F(EngineSocket, MetricsCountTheTurnAndItsStages) {
  SocketClient client(server_.port());
  open_session(client, kServerVad);
  say(client, {{0, 1}, {0, 2}}, milliseconds(400));
  wait_for(client, "response.done");
  const std::string metrics = http_get(server_.port(), "/metrics");
  for (const char* line : {"antiphon_sessions 1", "antiphon_seats 2",
                           "antiphon_turn_stage_seconds_count{stage=\"first_audio_sent\"} 1",
                           "antiphon_queue_refused_total{queue=\"compute_tasks\"} 0"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line << " in\n" << metrics;
  }
}

TEST_F(EngineSocket, ATurnsTraceComesWithItsFirstSoundToThoseWhoAskedForIt) {
  SocketClient client(server_.port());
  open_session(client, kServerVad, "/v1/realtime?turn_trace=true");
  say(client, {{0, 1}, {0, 2}}, milliseconds(400));
  const boost::json::value trace = wait_for(client, "antiphon.turn.trace");
  // Two sounds, and windows of 32 ms.
  EXPECT_GT(trace.at("speech_end_ms").as_int64(), 0);
  const boost::json::object& stages = trace.at("stages_ms").as_object();
  EXPECT_GE(stages.at("decided").as_int64(), 0);
  EXPECT_GE(stages.at("first_audio_sent").as_int64(), stages.at("first_audio_made").as_int64());
  EXPECT_EQ(wait_for(client, "response.done").at("response").at("id"), trace.at("response_id"));
  type_in(client, "bata bare");
  client.send(R"({"type":"response.create"})");
  const boost::json::value typed = wait_for(client, "antiphon.turn.trace");
  EXPECT_TRUE(typed.at("speech_end_ms").is_null());
  EXPECT_EQ(typed.at("stages_ms").at("decided").as_int64(), 0);
}

class ShortEngineSocket : public EngineSocket {
 protected:
  ShortEngineSocket() : EngineSocket(milliseconds(700)) {}
};

TEST_F(ShortEngineSocket, ASessionExpiresWithAnErrorAndACloseCode) {
  SocketClient client(server_.port());
  open_session(client, "null");
  EXPECT_EQ(wait_for(client, "error").at("error").at("code").as_string(), "session_expired");
  EXPECT_EQ(client.receive_close(), websocket::close_code::going_away);
  EXPECT_TRUE(all_returned());
}

class SmallContextSocket : public EngineSocket {
 protected:
  SmallContextSocket() : EngineSocket(std::chrono::minutes(60), 150) {}
};

TEST_F(SmallContextSocket, ALongConversationIsCutAndGoesOn) {
  SocketClient client(server_.port());
  open_session(client, "null");
  for (int turn = 0; turn < 12; ++turn) {
    type_in(client, "bata bare basi bavo");
    client.send(R"({"type":"response.create","response":{"output_modalities":["text"]}})");
    EXPECT_EQ(status_of(wait_for(client, "response.done")), "completed") << turn;
  }
}

}  // namespace
}  // namespace antiphon::server
