// What a client that talks sends first and then over and over.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>

#include "server/protocol/base64.h"
#include "tests/integration/server/socket_client.h"

namespace antiphon::server {

// Opens a session with transcription. `turn_detection`: JSON.
inline void open_session(SocketClient& client, const std::string& turn_detection,
                         const std::string& target = "/v1/realtime") {
  ASSERT_TRUE(client.open(target));
  EXPECT_EQ(client.receive().at("type").as_string(), "session.created");
  client.send(R"({"type":"session.update","session":{"type":"realtime","audio":{"input":{)"
              R"("transcription":{"model":"any"},"turn_detection":)" +
              turn_detection + "}}}}");
  EXPECT_EQ(client.receive().at("type").as_string(), "session.updated");
}

// Speech as PCM16 at 24 kHz, in one message.
inline void append_audio(SocketClient& client, std::string_view pcm) {
  std::string base64;
  protocol::append_base64(base64, std::as_bytes(std::span(pcm)));
  client.send(R"({"type":"input_audio_buffer.append","audio":")" + base64 + "\"}");
}

}  // namespace antiphon::server
