#include "audio/g711.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>

namespace antiphon::audio {
namespace {

struct Law {
  std::uint8_t (*encode)(std::int16_t);
  std::int16_t (*decode)(std::uint8_t);
};
constexpr Law kMulaw{&mulaw_from_pcm16, &pcm16_from_mulaw};
constexpr Law kAlaw{&alaw_from_pcm16, &pcm16_from_alaw};

std::int16_t round_trip(const Law& law, int sample) {
  return law.decode(law.encode(static_cast<std::int16_t>(sample)));
}

void expect_rising(const Law& law) {
  int last = -40000;
  for (int sample = -32768; sample <= 32767; ++sample) {
    const int heard = round_trip(law, sample);
    ASSERT_GE(heard, last) << sample;
    last = heard;
  }
}

TEST(G711, MulawCodesSurvive) {
  for (int code = 0; code < 256; ++code) {
    // Code 0x7F is a second zero, the negative one; a 16-bit zero has no sign.
    const int expected = code == 0x7F ? 0xFF : code;
    EXPECT_EQ(mulaw_from_pcm16(pcm16_from_mulaw(static_cast<std::uint8_t>(code))), expected);
  }
}

TEST(G711, AlawCodesSurvive) {
  for (int code = 0; code < 256; ++code) {
    EXPECT_EQ(alaw_from_pcm16(pcm16_from_alaw(static_cast<std::uint8_t>(code))), code);
  }
}

TEST(G711, LouderNeverSoundsSofter) {
  expect_rising(kMulaw);
  expect_rising(kAlaw);
}

TEST(G711, ErrorIsAtMostHalfAStepOfTheSegment) {
  for (int sample = -32768; sample <= 32767; ++sample) {
    const int size = std::abs(sample);
    // A step is a 16th of the segment, whose size is at most that of the (biased) magnitude.
    if (size <= 32124) {
      ASSERT_LE(std::abs(round_trip(kMulaw, sample) - sample), (size + 132) / 32 + 4) << sample;
    }
    ASSERT_LE(std::abs(round_trip(kAlaw, sample) - sample), std::max(8, size / 32 + 16)) << sample;
  }
}

TEST(G711, KnownMulawCodes) {
  EXPECT_EQ(mulaw_from_pcm16(0), 0xFF);
  EXPECT_EQ(mulaw_from_pcm16(32767), 0x80);
  EXPECT_EQ(mulaw_from_pcm16(-32768), 0x00);
  EXPECT_EQ(pcm16_from_mulaw(0x80), 32124);
  EXPECT_EQ(pcm16_from_mulaw(0x00), -32124);
  EXPECT_EQ(pcm16_from_mulaw(0xFE), 8);
  // The positive outputs at the segments' ends in the standard's 14 bits: table 2a.
  constexpr std::array<int, 8> kSegmentTops = {30, 93, 219, 471, 975, 1983, 3999, 8031};
  for (int segment = 0; segment < 8; ++segment) {
    const auto code = static_cast<std::uint8_t>(~(segment << 4 | 15));
    EXPECT_EQ(pcm16_from_mulaw(code), 4 * kSegmentTops[static_cast<std::size_t>(segment)]);
  }
}

TEST(G711, KnownAlawCodes) {
  EXPECT_EQ(alaw_from_pcm16(0), 0xD5);
  EXPECT_EQ(alaw_from_pcm16(-1), 0x55);
  EXPECT_EQ(alaw_from_pcm16(32767), 0xAA);
  EXPECT_EQ(alaw_from_pcm16(-32768), 0x2A);
  EXPECT_EQ(pcm16_from_alaw(0xAA), 32256);
  EXPECT_EQ(pcm16_from_alaw(0x55), -8);
  // The decision values between the segments (the standard's first one is two here): table 1a.
  constexpr std::array<int, 7> kSegmentEnds = {32, 64, 128, 256, 512, 1024, 2048};
  for (std::size_t i = 0; i < kSegmentEnds.size(); ++i) {
    const int first = 8 * kSegmentEnds[i];  // full scale is 4096 there
    const int above = alaw_from_pcm16(static_cast<std::int16_t>(first)) ^ 0xD5;
    const int below = alaw_from_pcm16(static_cast<std::int16_t>(first - 1)) ^ 0xD5;
    EXPECT_EQ(above, static_cast<int>(i + 1) << 4);
    EXPECT_EQ(below, static_cast<int>(i) << 4 | 15);
  }
}

}  // namespace
}  // namespace antiphon::audio
