#include "server/net/opus_wire.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::server {
namespace {

constexpr std::size_t kFrameBytes = 960;

std::string message(std::uint32_t number, std::string_view packet) {
  std::string bytes{1, static_cast<char>(number >> 24), static_cast<char>(number >> 16),
                    static_cast<char>(number >> 8), static_cast<char>(number)};
  return bytes + std::string(packet);
}

std::string silence() {
  audio::OpusFrameEncoder encoder;
  const auto packet = encoder.encode({});
  return {reinterpret_cast<const char*>(packet.data()), packet.size()};
}

// How many frames of audio a message brings; -1: it is no event.
int frames(OpusWire& wire, const std::string& bytes) {
  const pipeline::ClientEvent event = wire.client_event(bytes);
  const auto* append = std::get_if<pipeline::AppendInputAudio>(&event.body);
  if (append == nullptr) return -1;
  EXPECT_EQ(append->audio.size() % kFrameBytes, 0U);
  return static_cast<int>(append->audio.size() / kFrameBytes);
}

TEST(OpusWire, ConcealsWhatIsMissingAndDropsWhatIsLate) {
  OpusWire wire;
  EXPECT_EQ(frames(wire, message(0xFFFFFFFE, silence())), 1);
  EXPECT_EQ(frames(wire, message(0xFFFFFFFF, silence())), 1);
  EXPECT_EQ(frames(wire, message(0, silence())), 1);  // numbers begin again
  EXPECT_EQ(frames(wire, message(4, silence())), 4);
  EXPECT_EQ(frames(wire, message(4, silence())), 0);
  EXPECT_EQ(frames(wire, message(2, silence())), 0);
  EXPECT_EQ(frames(wire, message(5, "")), 1);
  EXPECT_EQ(frames(wire, message(5 + OpusWire::kConcealedFramesMax + 1, silence())),
            static_cast<int>(OpusWire::kConcealedFramesMax) + 1);
  EXPECT_EQ(frames(wire, message(100'000, silence())), 1);  // a pause
}

TEST(OpusWire, SaysWhatIsWrongWithAMessage) {
  OpusWire wire;
  EXPECT_EQ(frames(wire, ""), -1);
  EXPECT_EQ(frames(wire, std::string("\1\0\0\0", 4)), -1);
  EXPECT_EQ(frames(wire, std::string("\2\0\0\0\0", 5) + silence()), -1);
  EXPECT_EQ(frames(wire, message(0, std::string("\x18\0\0", 3))), -1);  // 60 ms
  EXPECT_EQ(frames(wire, message(0, silence())), 1);
}

TEST(OpusWire, FollowsTheFormatsOfSessionAndReply) {
  OpusWire wire;
  pipeline::OutputAudioDelta delta;
  delta.audio.resize(kFrameBytes);
  EXPECT_TRUE(wire.carries(delta));
  auto response = std::make_unique<pipeline::ResponseSnapshot>();
  response->output_format = audio::SampleFormat::kPcmu;
  wire.note(pipeline::ResponseCreated{std::move(response)});
  EXPECT_FALSE(wire.carries(delta));
  auto session = std::make_unique<pipeline::SessionSnapshot>();
  session->config.input_format = audio::SampleFormat::kPcma;
  wire.note(pipeline::SessionUpdated{std::move(session)});
  EXPECT_EQ(frames(wire, message(0, silence())), -1);
}

TEST(OpusWire, NumbersWhatItSends) {
  OpusWire wire;
  pipeline::OutputAudioDelta delta;
  delta.audio.resize(kFrameBytes);
  std::string bytes;
  for (char number = 0; number < 3; ++number) {
    wire.write(delta, bytes);
    EXPECT_EQ(bytes.substr(0, 5), (std::string{1, 0, 0, 0, number}));
    EXPECT_LE(bytes.size(), 100U);
  }
  OpusWire other;
  EXPECT_EQ(frames(other, bytes), 1);
}

}  // namespace
}  // namespace antiphon::server
