#include "audio/recording_resampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "audio/resampler.h"

namespace antiphon::audio {
namespace {

TEST(RecordingResampler, PiecesOfAnySizeGiveTheSameSound) {
  for (const int from_hz : {8000, 11025, 22050, 24000, 44100, 48000, 96000, 44101}) {
    std::vector<float> sound(static_cast<std::size_t>(from_hz));
    for (std::size_t i = 0; i < sound.size(); ++i) {
      sound[i] = static_cast<float>(0.5 * std::sin(2000.0 * static_cast<double>(i) / from_hz));
    }
    RecordingResampler resampler(from_hz, 16000);
    std::vector<float> pieces;
    std::size_t size = 1;
    for (std::size_t at = 0; at < sound.size(); at += size, size = size * 3 % 1009 + 1) {
      const auto piece = resampler.push(std::span(sound).subspan(at, std::min(size, sound.size() - at)));
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    const auto rest = resampler.finish();
    pieces.insert(pieces.end(), rest.begin(), rest.end());
    EXPECT_EQ(pieces, resample(sound, from_hz, 16000)) << from_hz;
    ASSERT_EQ(pieces.size(), 16000U) << from_hz;
    for (std::size_t i = 400; i < 15600; ++i) {
      ASSERT_NEAR(pieces[i], 0.5 * std::sin(2000.0 * static_cast<double>(i) / 16000), 0.01) << from_hz;
    }
  }
}

TEST(RecordingResampler, EqualRatesChangeNothing) {
  RecordingResampler resampler(16000, 16000);
  const std::vector<float> sound = {0.1F, -0.2F, 0.3F};
  EXPECT_EQ(resampler.push(sound), sound);
  EXPECT_TRUE(resampler.finish().empty());
}

}  // namespace
}  // namespace antiphon::audio
