#include "audio/opus_codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace antiphon::audio {
namespace {

Pcm16Frame tone(int frame, double amplitude) {
  Pcm16Frame samples;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t =
        static_cast<double>(static_cast<std::size_t>(frame) * samples.size() + i) / kRenderRateHz;
    const double sound =
        std::sin(2 * std::numbers::pi * 220 * t) + std::sin(2 * std::numbers::pi * 660 * t) / 3;
    samples[i] = static_cast<std::int16_t>(amplitude * sound);
  }
  return samples;
}

double power(const Pcm16Frame& frame) {
  double sum = 0;
  for (const std::int16_t sample : frame) sum += static_cast<double>(sample) * sample;
  return sum / static_cast<double>(frame.size());
}

TEST(OpusCodec, KeepsTheSoundInATwelfthOfTheBytes) {
  OpusFrameEncoder encoder;
  OpusFrameDecoder decoder;
  std::size_t bytes = 0;
  double sent = 0;
  double heard = 0;
  for (int i = 0; i < 50; ++i) {
    const Pcm16Frame frame = tone(i, 8000);
    const auto packet = encoder.encode(frame);
    ASSERT_TRUE(OpusFrameDecoder::is_frame(packet));
    const Pcm16Frame back = decoder.decode(packet);
    bytes += packet.size();
    if (i < 10) continue;  // it settles
    sent += power(frame);
    heard += power(back);
  }
  EXPECT_NEAR(10 * std::log10(heard / sent), 0, 1);
  EXPECT_LE(bytes, 50 * sizeof(Pcm16Frame) / 9);  // of Base64 a twelfth
}

TEST(OpusCodec, SilenceTakesHardlyAByte) {
  OpusFrameEncoder encoder;
  std::size_t bytes = 0;
  for (int i = 0; i < 100; ++i) {
    const std::size_t size = encoder.encode(Pcm16Frame{}).size();
    if (i >= 50) bytes += size;
  }
  EXPECT_LE(bytes, 50U * 3);
}

TEST(OpusCodec, ConcealsAFrameThatIsMissingAndThenFades) {
  OpusFrameEncoder encoder;
  OpusFrameDecoder decoder;
  double before = 0;
  for (int i = 0; i < 20; ++i) before = power(decoder.decode(encoder.encode(tone(i, 8000))));
  EXPECT_GT(power(decoder.conceal()), before / 10);
  double last = 0;
  for (int i = 0; i < 30; ++i) last = power(decoder.decode({}));
  EXPECT_LT(last, before / 100);
}

TEST(OpusCodec, RefusesWhatIsNoFrameAndSurvivesAnyBytes) {
  OpusFrameDecoder decoder;
  EXPECT_FALSE(OpusFrameDecoder::is_frame({}));
  const std::vector<std::byte> sixty_ms{std::byte{0x18}, std::byte{0}, std::byte{0}};
  EXPECT_FALSE(OpusFrameDecoder::is_frame(sixty_ms));
  std::mt19937 dice(7);
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::byte> bytes(dice() % 200);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(dice());
    decoder.decode(bytes);
  }
}

}  // namespace
}  // namespace antiphon::audio
