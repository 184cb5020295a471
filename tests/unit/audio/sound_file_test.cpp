#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "audio/sound_encoder.h"
#include "audio/sound_file_reader.h"
#include "audio/wav_writer.h"

namespace antiphon::audio {
namespace {

constexpr int kRate = 24000;

std::vector<float> sine(std::size_t samples) {
  std::vector<float> sound(samples);
  for (std::size_t i = 0; i < samples; ++i) sound[i] = 0.5F * std::sin(0.1F * static_cast<float>(i));
  return sound;
}

std::vector<float> read_all(SoundFileReader& reader) {
  std::vector<float> all;
  std::vector<float> piece(1000);
  for (;;) {
    const std::size_t count = reader.read(piece);
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
    if (count < piece.size()) return all;
  }
}

double power(std::span<const float> sound) {
  double sum = 0;
  for (const float sample : sound) sum += static_cast<double>(sample) * sample;
  return sum / static_cast<double>(sound.size());
}

class EncodedSound : public ::testing::TestWithParam<SoundFormat> {};

TEST_P(EncodedSound, CanBeReadAgainAndComesPieceByPiece) {
  const std::vector<float> sound = sine(3 * kRate);
  const auto encoder = make_sound_encoder(GetParam(), kRate);
  std::string bytes;
  std::size_t pieces = 0;
  for (std::size_t at = 0; at < sound.size(); at += kRate / 10) {
    const std::string piece = encoder->encode(std::span(sound).subspan(at, kRate / 10));
    pieces += piece.empty() ? 0 : 1;
    bytes += piece;
  }
  bytes += encoder->finish();
  EXPECT_GE(pieces, 15U) << "a listener need not wait for the end";
  if (GetParam() == SoundFormat::kPcm16) {
    EXPECT_EQ(bytes, pcm16_bytes(sound));
    return;
  }
  SoundFileReader reader(bytes);
  EXPECT_EQ(reader.sample_rate_hz(), kRate);
  const std::vector<float> heard = read_all(reader);
  EXPECT_NEAR(static_cast<double>(heard.size()), static_cast<double>(sound.size()), kRate / 10.0);
  // The MP3 encoder makes everything softer by a twentieth, and adds some silence.
  EXPECT_NEAR(power(heard) / power(sound), 1.0, 0.15);
}

INSTANTIATE_TEST_SUITE_P(AllFormats, EncodedSound,
                         ::testing::Values(SoundFormat::kPcm16, SoundFormat::kWav, SoundFormat::kMp3,
                                           SoundFormat::kFlac, SoundFormat::kOggOpus));

TEST(EncodedWav, OfNothingIsStillAFile) {
  EXPECT_EQ(make_sound_encoder(SoundFormat::kWav, kRate)->finish().size(), 44U);
}

TEST(SoundFileReader, RefusesWhatIsNoSoundFile) {
  for (const std::string& bytes :
       {std::string(), std::string("RIFF"), std::string(100, 'x'), "RIFF" + std::string(100, '\0'),
        "OggS" + std::string(100, 'x'), "ID3" + std::string(100, '\0'), "fLaC" + std::string(100, '\xFF')}) {
    EXPECT_THROW(SoundFileReader{bytes}, std::runtime_error) << bytes.substr(0, 4);
  }
}

TEST(SoundFileReader, OutlivesDamageInside) {
  std::mt19937 random(1);
  for (const SoundFormat format :
       {SoundFormat::kWav, SoundFormat::kMp3, SoundFormat::kFlac, SoundFormat::kOggOpus}) {
    const auto encoder = make_sound_encoder(format, kRate);
    std::string bytes = encoder->encode(sine(kRate));
    bytes += encoder->finish();
    for (int round = 0; round < 20; ++round) {
      std::string damaged = bytes;
      for (int i = 0; i < 10; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
      damaged.resize(damaged.size() - random() % (damaged.size() / 2));
      try {
        SoundFileReader reader(damaged);
        for (const float sample : read_all(reader)) EXPECT_TRUE(sample >= -1 && sample <= 1);
      } catch (const std::runtime_error&) {
        // refused
      }
    }
  }
}

}  // namespace
}  // namespace antiphon::audio
