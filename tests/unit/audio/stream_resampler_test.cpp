#include "audio/stream_resampler.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "tests/support/allocation_count.h"
#include "tests/support/random_pieces.h"
#include "tests/support/tone.h"

namespace antiphon::audio {
namespace {

using Alignment = StreamResampler::Alignment;

struct Rates {
  int from_hz;
  int to_hz;
};
constexpr Rates kPairs[] = {{24000, 16000}, {8000, 16000},  {24000, 8000},
                            {48000, 24000}, {44100, 16000}, {16000, 22050}};

std::vector<float> converted(StreamResampler& resampler, std::span<const float> in, std::size_t piece_max,
                             std::size_t out_max, std::mt19937& random) {
  std::vector<float> all;
  std::vector<float> out(out_max);
  test::for_random_pieces(in, piece_max, random, [&](std::span<const float> piece) {
    for (Progress step{1, 1}; step.read + step.written > 0;) {
      step = resampler.process(piece, out);
      piece = piece.subspan(step.read);
      all.insert(all.end(), out.begin(), out.begin() + static_cast<std::ptrdiff_t>(step.written));
    }
  });
  return all;
}

TEST(StreamResampler, KeepsATonesPlaceAndLevel) {
  for (const Rates& rates : kPairs) {
    StreamResampler resampler(rates.from_hz, rates.to_hz, Alignment::kInPlace);
    const std::vector<float> in = test::tone(440, rates.from_hz, 12000);
    const std::vector<float> expected = test::tone(440, rates.to_hz, 40000);
    std::vector<float> out(40000);
    const Progress step = resampler.process(in, out);
    EXPECT_EQ(step.read, in.size());
    const double delay_s = static_cast<double>(resampler.delay_samples()) / rates.from_hz;
    EXPECT_NEAR(static_cast<double>(step.written), (12000.0 / rates.from_hz - delay_s) * rates.to_hz, 2);
    for (std::size_t i = 200; i < step.written; ++i) ASSERT_NEAR(out[i], expected[i], 2e-3) << i;
  }
}

// Noise so faint that no output is heard keeps the filter at work: the other stream passes by it.
TEST(StreamResampler, SilenceBetweenSoundsChangesNothing) {
  std::mt19937 random(7);
  for (const Rates& rates : kPairs) {
    std::vector<float> sound = test::tone(440, rates.from_hz, 1000);
    sound.back() = 0.5F;
    std::vector<float> with_silence = sound, with_noise = sound;
    for (const std::size_t pause : {5001U, 7U, 300U, 2000U}) {
      with_silence.insert(with_silence.end(), pause, 0.0F);
      with_noise.insert(with_noise.end(), pause, 1e-30F);
      for (std::vector<float>* all : {&with_silence, &with_noise}) {
        all->insert(all->end(), sound.begin(), sound.end());
      }
    }
    StreamResampler passes_by(rates.from_hz, rates.to_hz, Alignment::kInPlace);
    StreamResampler filters(rates.from_hz, rates.to_hz, Alignment::kInPlace);
    const std::vector<float> silent = converted(passes_by, with_silence, 700, 500, random);
    const std::vector<float> noisy = converted(filters, with_noise, 700, 500, random);
    ASSERT_EQ(silent.size(), noisy.size());
    for (std::size_t i = 0; i < silent.size(); ++i) ASSERT_NEAR(silent[i], noisy[i], 1e-25F) << i;
  }
}

TEST(StreamResampler, RemovesWhatTheLowerRateCannotHold) {
  StreamResampler resampler(24000, 16000, Alignment::kInPlace);
  std::vector<float> out(16000);
  const Progress step = resampler.process(test::tone(10000, 24000, 24000), out);
  for (std::size_t i = 200; i < step.written; ++i) ASSERT_LT(std::abs(out[i]), 1e-3) << i;
}

TEST(StreamResampler, PiecesMakeNoDifference) {
  std::mt19937 random(1);
  for (const Rates& rates : kPairs) {
    for (const Alignment alignment : {Alignment::kInPlace, Alignment::kDelayed}) {
      StreamResampler resampler(rates.from_hz, rates.to_hz, alignment);
      const std::vector<float> in = test::tone(1000, rates.from_hz, 5000);
      const std::vector<float> whole = converted(resampler, in, in.size(), 20000, random);
      for (const std::size_t piece_max : {1U, 7U, 500U}) {
        resampler.reset();
        EXPECT_EQ(converted(resampler, in, piece_max, 33, random), whole);
      }
    }
  }
}

TEST(StreamResampler, DelayIsWhatTheHeaderSays) {
  EXPECT_EQ(StreamResampler(24000, 16000, Alignment::kInPlace).delay_samples(), 60U);
  EXPECT_EQ(StreamResampler(8000, 16000, Alignment::kInPlace).delay_samples(), 40U);
  EXPECT_EQ(StreamResampler(24000, 8000, Alignment::kDelayed).delay_samples(), 120U);
  EXPECT_EQ(StreamResampler(24000, 24000, Alignment::kInPlace).delay_samples(), 0U);
}

TEST(StreamResampler, EqualRatesPassThrough) {
  StreamResampler resampler(24000, 24000, Alignment::kInPlace);
  const std::vector<float> in = test::tone(440, 24000, 480);
  std::vector<float> out(480);
  EXPECT_EQ(resampler.process(in, out).written, 480U);
  EXPECT_EQ(out, in);
}

TEST(StreamResampler, DelayedGivesOneFrameForOneFrame) {
  StreamResampler resampler(24000, 8000, Alignment::kDelayed);
  const std::vector<float> frame = test::tone(440, 24000, 480);
  std::array<float, 160> out{};
  const std::int64_t before = test::allocation_count();
  for (int i = 0; i < 100; ++i) {
    const Progress step = resampler.process(frame, out);
    ASSERT_EQ(step.read, frame.size());
    ASSERT_EQ(step.written, out.size());
  }
  EXPECT_EQ(test::allocation_count(), before);
}

}  // namespace
}  // namespace antiphon::audio
