// The client's formats: bytes in (InputDecoder) and bytes out (OutputEncoder).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "audio/input_decoder.h"
#include "audio/output_encoder.h"
#include "audio/pcm16.h"
#include "audio/resampler.h"
#include "audio/window_buffer.h"
#include "tests/support/allocation_count.h"
#include "tests/support/random_pieces.h"
#include "tests/support/tone.h"

namespace antiphon::audio {
namespace {

using Bytes = std::vector<std::byte>;
constexpr SampleFormat kFormats[] = {SampleFormat::kPcm16, SampleFormat::kPcmu, SampleFormat::kPcma};

// One second of a 440 Hz tone at amplitude 0.5, encoded.
Bytes encoded_tone(SampleFormat format) {
  OutputEncoder encoder(format);
  const std::vector<float> samples = test::tone(440, kRenderRateHz, kRenderRateHz);
  Bytes bytes;
  for (std::size_t at = 0; at < samples.size(); at += frame_samples(kRenderRateHz)) {
    RenderFrame frame;
    for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = 0.5F * samples[at + i];
    const std::span<const std::byte> encoded = encoder.encode(frame);
    EXPECT_EQ(encoded.size(), frame_bytes(format));
    bytes.insert(bytes.end(), encoded.begin(), encoded.end());
  }
  return bytes;
}

std::vector<float> decoded(SampleFormat format, const Bytes& bytes, std::size_t piece_max,
                           std::size_t out_max, std::mt19937& random) {
  InputDecoder decoder(format);
  std::vector<float> all;
  std::vector<float> out(out_max);
  test::for_random_pieces(std::span(bytes), piece_max, random, [&](std::span<const std::byte> piece) {
    for (Progress step{1, 1}; step.read + step.written > 0;) {
      step = decoder.decode(piece, out);
      piece = piece.subspan(step.read);
      all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(step.written));
    }
    EXPECT_TRUE(piece.empty());
  });
  return all;
}

TEST(Codec, AToneSurvivesEachFormatInPlace) {
  std::mt19937 random(1);
  const std::vector<float> expected = test::tone(440, kCaptureRateHz, kCaptureRateHz);
  for (const SampleFormat format : kFormats) {
    const Bytes bytes = encoded_tone(format);
    const std::vector<float> out = decoded(format, bytes, bytes.size(), 320, random);
    // The encoder's filter shifts a telephone format by 120 samples of 24 kHz.
    const std::size_t shift = format == SampleFormat::kPcm16 ? 0 : 80;
    ASSERT_GT(out.size(), 15900U);
    for (std::size_t i = 500; i < out.size(); ++i) {
      ASSERT_NEAR(out[i], 0.5F * expected[i - shift], 0.02) << i;
    }
  }
}

TEST(Codec, MessagesMayBeCutAnywhere) {
  std::mt19937 random(2);
  for (const SampleFormat format : kFormats) {
    const Bytes bytes = encoded_tone(format);
    const std::vector<float> whole = decoded(format, bytes, bytes.size(), 20000, random);
    for (const std::size_t piece_max : {1U, 3U, 961U, 10000U}) {
      for (const std::size_t out_max : {1U, 320U, 5000U}) {
        ASSERT_EQ(decoded(format, bytes, piece_max, out_max, random), whole) << piece_max << " " << out_max;
      }
    }
  }
}

TEST(Codec, AHugeMessageIsReadInBoundedSteps) {
  const Bytes message(15U << 20U, std::byte{0x11});
  InputDecoder decoder(SampleFormat::kPcm16);
  CaptureFrame out;
  const std::int64_t before = test::allocation_count();
  std::span<const std::byte> rest = message;
  std::size_t written = 0;
  while (!rest.empty()) {
    const Progress step = decoder.decode(rest, out);
    ASSERT_LE(step.read, 3 * frame_bytes(SampleFormat::kPcm16));
    rest = rest.subspan(step.read);
    written += step.written;
  }
  EXPECT_EQ(test::allocation_count(), before);
  EXPECT_NEAR(static_cast<double>(written), static_cast<double>(message.size()) / 3, 400);
}

TEST(Codec, EncodingNeverAllocates) {
  for (const SampleFormat format : kFormats) {
    OutputEncoder encoder(format);
    RenderFrame frame{};
    const std::int64_t before = test::allocation_count();
    for (int i = 0; i < 10; ++i) (void)encoder.encode(frame);
    encoder.reset();
    EXPECT_EQ(test::allocation_count(), before);
  }
}

TEST(Codec, EachResponseBeginsAfresh) {
  OutputEncoder encoder(SampleFormat::kPcmu);
  RenderFrame loud;
  loud.fill(0.9F);
  const RenderFrame silence{};
  (void)encoder.encode(loud);
  encoder.reset();
  for (const std::byte code : encoder.encode(silence)) EXPECT_EQ(code, std::byte{0xFF});
}

TEST(Codec, PcmIsLittleEndianRoundedAndClipped) {
  OutputEncoder encoder(SampleFormat::kPcm16);
  RenderFrame frame{};
  frame[0] = 258.4F / 32768.0F;
  frame[1] = 1.5F;
  frame[2] = -1.5F;
  frame[3] = std::nanf("");
  const std::span<const std::byte> bytes = encoder.encode(frame);
  const Bytes expected = {std::byte{2}, std::byte{1},    std::byte{0xFF}, std::byte{0x7F},
                          std::byte{0}, std::byte{0x80}, std::byte{0},    std::byte{0}};
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), bytes.begin()));
}

TEST(Codec, EveryPcm16ValueSurvives) {
  for (int value = -32768; value <= 32767; ++value) {
    ASSERT_EQ(pcm16_from_float(float_from_pcm16(static_cast<std::int16_t>(value))), value);
  }
}

TEST(WindowBuffer, GivesTheSameWindowsForAnyPieces) {
  const std::vector<float> samples = test::tone(100, kCaptureRateHz, 10 * 512 + 5);
  std::mt19937 random(3);
  for (const std::size_t piece_max : {1U, 100U, 511U, 512U, 513U, 6000U}) {
    WindowBuffer windows(512);
    std::vector<float> out;
    const auto push_all = [&](std::span<const float> piece) {
      while (!piece.empty()) {
        piece = piece.subspan(windows.push(piece));
        if (!windows.full()) continue;
        EXPECT_EQ(windows.push(samples), 0U);  // a full window takes nothing
        out.insert(out.end(), windows.samples().begin(), windows.samples().end());
        windows.clear();
      }
    };
    test::for_random_pieces(std::span(samples), piece_max, random, push_all);
    ASSERT_EQ(out.size(), 10U * 512);
    EXPECT_TRUE(std::equal(out.begin(), out.end(), samples.begin()));
    EXPECT_EQ(windows.samples().size(), 5U);
  }
}

}  // namespace
}  // namespace antiphon::audio
