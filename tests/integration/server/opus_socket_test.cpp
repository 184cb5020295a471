// Audio as binary messages over a real socket.
#include <gtest/gtest.h>

#include <string>

#include "server/net/opus_wire.h"
#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {
namespace {

// One frame of silence, as a client sends it.
std::string packet_message() {
  OpusWire client;
  pipeline::OutputAudioDelta delta;
  delta.audio.resize(audio::frame_bytes(audio::SampleFormat::kPcm16));
  std::string message;
  client.write(delta, message);
  return message;
}

TEST(OpusSocket, CarriesAudioBothWaysBesideJson) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open("/v1/realtime", "realtime, antiphon.opus.v1"));
  EXPECT_EQ(client.response()[http::field::sec_websocket_protocol], kOpusSubprotocol);
  EXPECT_EQ(client.receive().at("type").as_string(), "session.created");
  client.send_binary(packet_message());
  beast::flat_buffer buffer;
  client.stream().read(buffer);
  EXPECT_TRUE(client.stream().got_binary());
  OpusWire heard;
  const auto data = buffer.cdata();
  const auto event = heard.client_event({static_cast<const char*>(data.data()), data.size()});
  EXPECT_TRUE(std::holds_alternative<pipeline::AppendInputAudio>(event.body));
  client.send(R"({"type":"input_audio_buffer.clear"})");
  EXPECT_EQ(client.receive().at("type").as_string(), "input_audio_buffer.cleared");
  client.send_binary("nonsense");
  EXPECT_EQ(client.receive().at("error").at("code").as_string(), "invalid_event");
}

TEST(OpusSocket, IsOnlyForThoseWhoAskedForIt) {
  RunningServer running;
  SocketClient client(running.server.port());
  ASSERT_TRUE(client.open("/v1/realtime", "realtime"));
  EXPECT_EQ(client.response()[http::field::sec_websocket_protocol], "realtime");
  client.receive();
  client.send_binary(packet_message());
  EXPECT_EQ(client.receive().at("type").as_string(), "error");
}

}  // namespace
}  // namespace antiphon::server
