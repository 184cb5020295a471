// The whole engine behind a real socket, with fake networks: what only happens over time.
#include "tests/integration/server/engine_socket.h"

#include <chrono>
#include <string>
#include <vector>

namespace antiphon::server {
namespace {

using std::chrono::milliseconds;

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

TEST_F(EngineSocket, AResponseOutsideTheConversationGoesOnBesideTheOneInIt) {
  SocketClient client(server_.port());
  open_session(client, "null");
  type_in(client, "bata bare basi bavo");
  client.send(R"({"type":"response.create"})");
  wait_for(client, "response.created");
  wait_for(client, "response.output_audio.delta");
  client.send(R"({"type":"response.create","response":{"conversation":"none","output_modalities":["text"],)"
              R"("metadata":{"topic":"aside"},"input":[{"type":"message","role":"user","content":)"
              R"([{"type":"input_text","text":"bata"}]}]}})");
  const boost::json::value aside = wait_for(client, "response.created").at("response");
  EXPECT_TRUE(aside.at("conversation_id").is_null());
  EXPECT_EQ(aside.at("metadata").at("topic"), "aside");
  std::vector<boost::json::value> done = {wait_for(client, "response.done"),
                                          wait_for(client, "response.done")};
  for (const boost::json::value& one : done) EXPECT_EQ(status_of(one), "completed");
  EXPECT_NE(done[0].at("response").at("id"), done[1].at("response").at("id"));
  const auto& last = done[0].at("response").at("id") == aside.at("id") ? done[0] : done[1];
  EXPECT_EQ(last.at("response").at("metadata").at("topic"), "aside");
  EXPECT_EQ(last.at("response").at("output").at(0).at("content").at(0).at("type"), "output_text");

  client.send(R"({"type":"response.create","response":{"conversation":"none"}})");
  const std::string id(wait_for(client, "response.created").at("response").at("id").as_string());
  client.send(R"({"type":"response.cancel","response_id":")" + id + R"("})");
  const boost::json::value cancelled = wait_for(client, "response.done");
  EXPECT_EQ(cancelled.at("response").at("id"), boost::json::value(id));
  EXPECT_EQ(status_of(cancelled), "cancelled");
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
