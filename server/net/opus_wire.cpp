#include "server/net/opus_wire.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace antiphon::server {
namespace {

using audio::Pcm16Frame;

constexpr char kAudio = 1;
constexpr std::size_t kHeadBytes = 5;
constexpr std::size_t kFrameBytes = audio::frame_bytes(audio::SampleFormat::kPcm16);
static_assert(kFrameBytes == 2 * std::tuple_size_v<Pcm16Frame>);

std::uint32_t number_in(std::string_view head) {
  std::uint32_t number = 0;
  for (const char byte : head.substr(1, 4)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

void append(pipeline::AudioBytes& bytes, const Pcm16Frame& frame) {
  for (const std::int16_t sample : frame) {
    const auto value = static_cast<std::uint16_t>(sample);
    bytes.push_back(static_cast<std::byte>(value & 0xFF));
    bytes.push_back(static_cast<std::byte>(value >> 8));
  }
}

Pcm16Frame frame_of(std::span<const std::byte> bytes) {
  Pcm16Frame frame;
  for (std::size_t i = 0; i < frame.size(); ++i) {
    frame[i] = static_cast<std::int16_t>(std::to_integer<unsigned>(bytes[2 * i]) |
                                         std::to_integer<unsigned>(bytes[2 * i + 1]) << 8);
  }
  return frame;
}

pipeline::ClientEvent invalid(std::string why) {
  return {"", pipeline::InvalidEvent{"invalid_event", "", std::move(why)}};
}

}  // namespace

pipeline::ClientEvent OpusWire::client_event(std::string_view message) {
  if (!hears_pcm16_) return invalid("Binary audio is for sessions whose input format is audio/pcm.");
  if (message.size() < kHeadBytes || message.front() != kAudio) {
    return invalid("A binary message must begin with the byte 1 and the four bytes of the frame's number.");
  }
  const std::uint32_t number = number_in(message);
  pipeline::AppendInputAudio append_audio;
  std::uint32_t missing = 0;
  if (last_received_) {
    const std::uint32_t step = number - *last_received_;  // wraps
    if (step == 0 || step > 0x80000000U) return {"", std::move(append_audio)};
    missing = step - 1;
  }
  if (missing > kConcealedFramesMax) missing = 0;
  const auto packet = std::as_bytes(std::span(message.substr(kHeadBytes)));
  if (!packet.empty() && !audio::OpusFrameDecoder::is_frame(packet)) {
    return invalid("The packet of a binary message is not 20 ms of Opus.");
  }
  last_received_ = number;
  append_audio.audio.reserve((missing + 1) * kFrameBytes);
  for (std::uint32_t i = 0; i < missing; ++i) append(append_audio.audio, decoder_.conceal());
  append(append_audio.audio, decoder_.decode(packet));
  return {"", std::move(append_audio)};
}

void OpusWire::note(const pipeline::ServerEvent& event) {
  const auto note_session = [this](const pipeline::SessionSnapshot& session) {
    hears_pcm16_ = session.config.input_format == audio::SampleFormat::kPcm16;
  };
  if (const auto* created = std::get_if<pipeline::SessionCreated>(&event)) note_session(*created->session);
  if (const auto* updated = std::get_if<pipeline::SessionUpdated>(&event)) note_session(*updated->session);
  if (const auto* response = std::get_if<pipeline::ResponseCreated>(&event)) {
    speaks_pcm16_ = response->response->output_format == audio::SampleFormat::kPcm16;
  }
}

bool OpusWire::carries(const pipeline::OutputAudioDelta& delta) const {
  return speaks_pcm16_ && delta.audio.size() == kFrameBytes;
}

void OpusWire::write(const pipeline::OutputAudioDelta& delta, std::string& message) {
  assert(carries(delta));
  const std::uint32_t number = next_sent_++;
  message.assign({kAudio, static_cast<char>(number >> 24), static_cast<char>(number >> 16),
                  static_cast<char>(number >> 8), static_cast<char>(number)});
  for (const std::byte byte : encoder_.encode(frame_of(delta.audio))) message += static_cast<char>(byte);
}

}  // namespace antiphon::server
