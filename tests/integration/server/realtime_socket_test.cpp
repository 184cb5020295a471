#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {
namespace {

using websocket::close_code;

std::string type_of(const boost::json::value& event) {
  return event.is_null() ? "" : std::string(event.at("type").as_string());
}

constexpr const char* kAppend = R"({"type":"input_audio_buffer.append","audio":"AAECAwQF"})";

TEST(RealtimeSocket, GreetsAndEchoesAudio) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open("/v1/realtime?model=gpt-realtime&model=other&unknown"));
  const boost::json::value created = client.receive();
  EXPECT_EQ(type_of(created), "session.created");
  EXPECT_EQ(created.at("event_id").as_string(), "event_1");
  EXPECT_EQ(created.at("session").at("model").as_string(), "gpt-realtime");
  client.send(kAppend);
  const boost::json::value delta = client.receive();
  EXPECT_EQ(type_of(delta), "response.output_audio.delta");
  EXPECT_EQ(delta.at("delta").as_string(), "AAECAwQF");
  EXPECT_EQ(delta.at("event_id").as_string(), "event_2");
}

TEST(RealtimeSocket, ServesBothPathsAndTranscription) {
  RunningServer running;
  SocketClient plain(running.server.port());
  ASSERT_TRUE(plain.open("/realtime"));
  EXPECT_EQ(plain.receive().at("session").at("type").as_string(), "realtime");
  SocketClient transcription(running.server.port());
  ASSERT_TRUE(transcription.open("/v1/realtime?intent=transcription"));
  EXPECT_EQ(transcription.receive().at("session").at("type").as_string(), "transcription");
}

TEST(RealtimeSocket, EchoesTheSubprotocolOnlyWhenOffered) {
  RunningServer running;
  SocketClient without(running.server.port());
  ASSERT_TRUE(without.open());
  EXPECT_EQ(without.response().count(http::field::sec_websocket_protocol), 0U);
  SocketClient with(running.server.port());
  ASSERT_TRUE(with.open("/v1/realtime", "openai-insecure-api-key.secret, realtime"));
  EXPECT_EQ(with.response()[http::field::sec_websocket_protocol], "realtime");
  SocketClient other(running.server.port());
  ASSERT_TRUE(other.open("/v1/realtime", "chat"));
  EXPECT_EQ(other.response().count(http::field::sec_websocket_protocol), 0U);
}

TEST(RealtimeSocket, KeepsEventsThatComeBeforeTheGreetingWasRead) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.send(R"({"type":"session.update","session":{"type":"realtime","instructions":"Be brief."}})");
  client.send(kAppend);
  EXPECT_EQ(type_of(client.receive()), "session.created");
  EXPECT_EQ(client.receive().at("session").at("instructions").as_string(), "Be brief.");
  EXPECT_EQ(type_of(client.receive()), "response.output_audio.delta");
}

TEST(RealtimeSocket, AnswersBadEventsAndGoesOn) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  client.send("{\"type\":");
  EXPECT_EQ(client.receive().at("error").at("code").as_string(), "invalid_event");
  client.send(R"({"type":"conversation.item.delete","event_id":"mine"})");
  const boost::json::value error = client.receive().at("error");
  EXPECT_EQ(error.at("code").as_string(), "missing_required_parameter");
  EXPECT_EQ(error.at("param").as_string(), "item_id");
  EXPECT_EQ(error.at("event_id").as_string(), "mine");
  client.send_binary("\x01\x02");
  EXPECT_EQ(client.receive().at("error").at("code").as_string(), "invalid_event");
  client.send(kAppend);
  EXPECT_EQ(type_of(client.receive()), "response.output_audio.delta");
}

TEST(RealtimeSocket, AnswersPings) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.ping();
  client.receive();
  client.send(kAppend);
  client.receive();
  EXPECT_TRUE(client.pong_received());
}

TEST(RealtimeSocket, TakesTheLargestAppendAndRefusesMore) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  const std::string largest(20 << 20, 'A');  // 15 MiB of audio
  client.stream().read_message_max(0);
  client.send(R"({"type":"input_audio_buffer.append","audio":")" + largest + "\"}");
  EXPECT_EQ(client.receive().at("delta").as_string().size(), largest.size());
  const std::string head_of_22_mib = {'\x81', '\xff', 0, 0, 0, 0, '\x01', '\x60', 0, 0, 'm', 'a', 's', 'k'};
  client.send_raw(head_of_22_mib);
  EXPECT_EQ(client.receive_close(), close_code::too_big);
  EXPECT_TRUE(eventually([&] { return running.door.sessions_open == 0; }));
}

TEST(RealtimeSocket, ClosesOnRubbishFrames) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  client.send_raw("\xff\xff rubbish that is no frame");
  EXPECT_EQ(client.receive_close(), close_code::protocol_error);
  EXPECT_TRUE(eventually([&] { return running.door.sessions_open == 0; }));
}

TEST(RealtimeSocket, WaitsForASessionThatIsBehind) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  running.door.submits_refused = 5;
  client.send(kAppend);
  EXPECT_EQ(type_of(client.receive()), "response.output_audio.delta");
  EXPECT_EQ(running.door.submits_refused, 0);
}

TEST(RealtimeSocket, ClosesWhenTheSessionTakesNothing) {
  NetConfig config = test_config();
  config.inbox_full_max = std::chrono::milliseconds(50);
  RunningServer running(config);
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  running.door.submits_refused = 1'000'000;
  client.send(kAppend);
  EXPECT_EQ(client.receive_close(), close_code::internal_error);
}

TEST(RealtimeSocket, ClosesASlowReader) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  client.send(R"({"type":"response.create","response":{"metadata":{"deltas":"20000"}}})");
  EXPECT_TRUE(eventually([&] { return running.door.sessions_open == 0; }));
  EXPECT_GT(running.door.deliveries_refused, 0);
  EXPECT_NE(http_get(running.server.port(), "/metrics").find("antiphon_slow_readers_total 1"),
            std::string::npos);
}

TEST(RealtimeSocket, SendsWhatWasDeliveredBeforeASessionEnds) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  client.send(R"({"type":"response.create","response":{"metadata":{"deltas":"100"}}})");
  client.send(R"({"type":"response.cancel"})");
  for (int i = 0; i < 100; ++i) ASSERT_EQ(type_of(client.receive()), "response.output_text.delta");
  EXPECT_EQ(client.receive_close(), close_code::going_away);
}

TEST(RealtimeSocket, CallsALostSinkAnInternalError) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  client.send(R"({"type":"output_audio_buffer.clear"})");
  EXPECT_EQ(client.receive_close(), close_code::internal_error);
}

TEST(RealtimeSocket, SaysWhyThereIsNoSession) {
  RunningServer running;
  running.door.full = true;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  const boost::json::value error = client.receive().at("error");
  EXPECT_EQ(error.at("code").as_string(), "server_overloaded");
  EXPECT_EQ(error.at("message").as_string(), "All places are taken.");
  EXPECT_EQ(client.receive_close(), close_code::try_again_later);
}

TEST(RealtimeSocket, LeaksNothingOverAbruptEnds) {
  RunningServer running;
  const std::string half_frame = {'\x81', '\xfe', '\x10', '\x00', 'a', 'b'};
  for (int round = 0; round < 300; ++round) {
    SocketClient client(running.server.port());
    if (round % 6 != 0) {
      ASSERT_TRUE(client.open());
    }
    if (round % 6 == 2) client.send(kAppend);
    if (round % 6 == 3) client.send_raw(half_frame);
    if (round % 6 == 4) client.close();
    if (round % 6 == 5) client.send(R"({"type":"response.create","response":{"metadata":{"deltas":"500"}}})");
    client.disconnect();
  }
  EXPECT_TRUE(eventually([&] { return running.door.sessions_open == 0; }));
  EXPECT_TRUE(eventually([&] {
    return http_get(running.server.port(), "/metrics").find("antiphon_connections_open 0") !=
           std::string::npos;
  }));
}

TEST(RealtimeSocket, ServesManyAtOnce) {
  RunningServer running;
  std::vector<std::unique_ptr<SocketClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<SocketClient>(running.server.port()));
    ASSERT_TRUE(clients.back()->open("/v1/realtime?model=m" + std::to_string(i)));
  }
  for (int i = 0; i < 100; ++i) {
    SocketClient& client = *clients[static_cast<std::size_t>(i)];
    client.send(kAppend);
    EXPECT_EQ(client.receive().at("session").at("model").as_string(), "m" + std::to_string(i));
    EXPECT_EQ(type_of(client.receive()), "response.output_audio.delta");
  }
}

TEST(RealtimeSocket, DrainsWhenSessionsEnd) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open());
  client.receive();
  running.ask_to_stop();
  EXPECT_EQ(client.receive_close(), close_code::going_away);
  running.stop();
}

TEST(RealtimeSocket, ClosesAtTheDrainsDeadline) {
  RunningServer running;
  running.door.ends_when_drained = false;
  SocketClient polite(running.server.port());
  ASSERT_TRUE(polite.open());
  SocketClient deaf(running.server.port());  // never answers the close
  ASSERT_TRUE(deaf.open());
  running.ask_to_stop();
  EXPECT_EQ(polite.receive_close(), close_code::going_away);
  running.stop();
  EXPECT_TRUE(eventually([&] { return running.door.sessions_open == 0; }));
}

}  // namespace
}  // namespace antiphon::server
