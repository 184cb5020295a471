#pragma once

#include <boost/json.hpp>

#include <span>
#include <string>
#include <string_view>

#include "server/net/opus_wire.h"

namespace antiphon::server {

// A client's side of the protocol's audio: events with Base64, or the binary messages of antiphon.opus.v1.
//
// Owner: one connection's thread.
class ClientWire {
 public:
  explicit ClientWire(bool opus) : opus_(opus) {}

  // Whether append()'s messages are binary.
  bool opus() const { return opus_; }
  // 20 ms of the microphone at 24 kHz as a message; valid until the next call.
  std::string_view append(std::span<const float> frame);
  // What the server sent, as an event: a binary message as the response.output_audio.delta that it stands
  // for. Throws std::runtime_error if it is none.
  boost::json::object event_of(std::string_view message, bool binary);

 private:
  boost::json::object delta_of(std::string_view packet);

  const bool opus_;
  OpusWire packets_;  // only if opus_
  std::string message_;
  std::string reply_;  // that the packets belong to, and its item
  std::string item_;
};

}  // namespace antiphon::server
