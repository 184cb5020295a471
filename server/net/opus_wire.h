// The binary messages of the subprotocol antiphon.opus.v1, which carry audio where JSON would carry Base64:
//   byte 0      1: audio
//   bytes 1-4   number of the frame, most significant byte first; one more for each 20 ms, in each direction
//   the rest    an Opus packet of 20 ms, mono; nothing: the frame is not known
// Frames left out between two numbers are concealed, so that the sender's clock stays true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "audio/opus_codec.h"
#include "pipeline/client_event.h"
#include "pipeline/server_event.h"

namespace antiphon::server {

inline constexpr std::string_view kOpusSubprotocol = "antiphon.opus.v1";

// One connection's audio between its socket and a session that speaks PCM16.
//
// Owner:    the connection, on its I/O thread.
// Overload: a gap is concealed for a second at most; what is longer was no gap but a pause.
class OpusWire {
 public:
  static constexpr std::uint32_t kConcealedFramesMax = 50;

  // The audio of a binary message; an InvalidEvent if it is none. An audio of no bytes: the message came late
  // or twice.
  pipeline::ClientEvent client_event(std::string_view message);

  // Learns from what is sent anyway which formats session and reply have.
  void note(const pipeline::ServerEvent& event);
  // Whether this audio may go as a packet: of PCM16, which is the only format that has a whole frame's rate.
  bool carries(const pipeline::OutputAudioDelta& delta) const;
  // REQUIRES: carries(delta).
  void write(const pipeline::OutputAudioDelta& delta, std::string& message);

 private:
  audio::OpusFrameDecoder decoder_;
  std::optional<std::uint32_t> last_received_;
  audio::OpusFrameEncoder encoder_;
  std::uint32_t next_sent_ = 0;
  bool hears_pcm16_ = true;
  bool speaks_pcm16_ = true;
};

}  // namespace antiphon::server
