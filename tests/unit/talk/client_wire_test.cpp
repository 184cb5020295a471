#include "server/client/client_wire.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "server/protocol/base64.h"

namespace antiphon::server {
namespace {

const std::vector<float> kFrame(480, 0.25F);

TEST(ClientWire, SendsFramesAsEventsAndReadsEvents) {
  ClientWire wire(false);
  const auto event = boost::json::parse(wire.append(kFrame)).as_object();
  EXPECT_EQ(event.at("type").as_string(), "input_audio_buffer.append");
  const auto pcm = protocol::base64_decoded(event.at("audio").as_string());
  ASSERT_EQ(pcm->size(), 960U);
  EXPECT_EQ(std::to_integer<int>((*pcm)[1]), 0x20);
  EXPECT_EQ(wire.event_of(R"({"type":"session.created"})", false).at("type").as_string(), "session.created");
  for (const char* odd : {"", "{", "[]", "{}", R"({"type":1})"}) {
    EXPECT_THROW(wire.event_of(odd, false), std::runtime_error) << odd;
  }
}

TEST(ClientWire, CarriesFramesAsPacketsThatBelongToTheLastPart) {
  ClientWire server(true);  // both directions look alike
  ClientWire client(true);
  client.event_of(R"({"type":"response.content_part.added","response_id":"r1","item_id":"a1"})", false);
  const auto delta = client.event_of(server.append(kFrame), true);
  EXPECT_EQ(delta.at("type").as_string(), "response.output_audio.delta");
  EXPECT_EQ(delta.at("response_id").as_string(), "r1");
  EXPECT_EQ(delta.at("item_id").as_string(), "a1");
  EXPECT_EQ(protocol::base64_decoded(delta.at("delta").as_string())->size(), 960U);
  EXPECT_THROW(client.event_of("nonsense", true), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::server
