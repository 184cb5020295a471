#include "audio/playout_buffer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "tests/support/allocation_count.h"
#include "tests/support/tone.h"

namespace antiphon::audio {
namespace {

using Pop = PlayoutBuffer::Pop;
using std::chrono::milliseconds;

// Pops until nothing is left or a frame is missing; returns the samples.
std::vector<float> pop_all(PlayoutBuffer& buffer) {
  std::vector<float> out;
  RenderFrame frame;
  while (buffer.pop(frame) == Pop::kFrame) out.insert(out.end(), frame.begin(), frame.end());
  return out;
}

// Pushes and pops in turns of random sizes.
std::vector<float> played(PlayoutBuffer& buffer, std::span<const float> samples, std::mt19937& random) {
  std::vector<float> out;
  RenderFrame frame;
  std::uniform_int_distribution<std::size_t> size(0, 1500);
  for (;;) {
    const std::size_t count = std::min(size(random), samples.size());
    samples = samples.subspan(buffer.push(samples.first(count)));
    if (samples.empty()) buffer.end();
    const Pop pop = buffer.pop(frame);
    if (pop == Pop::kEnded) return out;
    if (pop == Pop::kFrame) out.insert(out.end(), frame.begin(), frame.end());
  }
}

TEST(PlayoutBuffer, AnyPiecesGiveTheSameFrames) {
  std::mt19937 random(1);
  PlayoutBuffer buffer(milliseconds(50));
  for (const std::size_t size : {0U, 1U, 479U, 480U, 481U, 24000U}) {
    for (int round = 0; round < 50; ++round) {
      buffer.reset();
      std::vector<float> expected = test::tone(440, kRenderRateHz, size);
      const std::vector<float> out = played(buffer, expected, random);
      EXPECT_EQ(buffer.samples_played(), static_cast<std::int64_t>(size));
      expected.resize((size + 479) / 480 * 480, 0.0F);
      ASSERT_EQ(out, expected);
    }
  }
}

TEST(PlayoutBuffer, TakesOnlyWhatFits) {
  PlayoutBuffer buffer(milliseconds(20));
  const std::vector<float> samples(500, 0.1F);
  EXPECT_EQ(buffer.push(samples), 480U);
  EXPECT_EQ(buffer.push(samples), 0U);
  EXPECT_EQ(buffer.room_samples(), 0U);
}

TEST(PlayoutBuffer, CountsUnderrunsAndTakesNothing) {
  PlayoutBuffer buffer(milliseconds(100));
  RenderFrame frame;
  EXPECT_EQ(buffer.push(std::vector<float>(479, 0.1F)), 479U);
  EXPECT_EQ(buffer.pop(frame), Pop::kUnderrun);
  EXPECT_EQ(buffer.underruns(), 1);
  EXPECT_EQ(buffer.samples_played(), 0);
  buffer.end();
  EXPECT_EQ(buffer.push(std::vector<float>(10, 0.1F)), 0U);
  EXPECT_EQ(buffer.pop(frame), Pop::kFrame);
  EXPECT_EQ(frame[479], 0.0F);
  EXPECT_EQ(buffer.samples_played(), 479);
  EXPECT_EQ(buffer.pop(frame), Pop::kEnded);
  EXPECT_EQ(buffer.underruns(), 1);
}

TEST(PlayoutBuffer, AnInterruptionFadesWithoutAClick) {
  for (const std::size_t left : {1U, 50U, 192U, 193U, 2000U}) {
    PlayoutBuffer buffer(milliseconds(200));
    EXPECT_EQ(buffer.push(std::vector<float>(left, 0.8F)), left);
    buffer.interrupt();
    const std::vector<float> out = pop_all(buffer);
    ASSERT_EQ(out.size(), 480U);
    EXPECT_EQ(buffer.samples_played(), static_cast<std::int64_t>(std::min<std::size_t>(left, 192)));
    EXPECT_NEAR(out[std::min<std::size_t>(left, 192) - 1], 0.0F, 1e-6);
    if (left < 192) continue;
    float last = 0.8F;
    for (const float sample : out) {
      EXPECT_LE(sample, last);
      EXPECT_LT(last - sample, 0.8F * 0.0083F);  // pi / 2 / 192, the steepest step
      last = sample;
    }
    EXPECT_TRUE(buffer.ended());
  }
}

TEST(PlayoutBuffer, AnInterruptionOfNothingEndsAtOnce) {
  PlayoutBuffer buffer(milliseconds(200));
  buffer.interrupt();
  RenderFrame frame;
  EXPECT_EQ(buffer.pop(frame), Pop::kEnded);
  EXPECT_EQ(buffer.underruns(), 0);
}

TEST(PlayoutBuffer, NeverAllocatesAfterConstruction) {
  PlayoutBuffer buffer(milliseconds(200));
  const std::vector<float> samples(960, 0.5F);
  RenderFrame frame;
  const std::int64_t before = test::allocation_count();
  for (int i = 0; i < 20; ++i) {
    (void)buffer.push(samples);
    (void)buffer.pop(frame);
  }
  buffer.interrupt();
  buffer.reset();
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace antiphon::audio
