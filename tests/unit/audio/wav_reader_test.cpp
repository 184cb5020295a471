#include "audio/wav_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sndfile.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "tests/support/temporary_folder.h"

namespace antiphon::audio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string number(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
  return text;
}

struct Format {
  int encoding = 1;
  int channels = 1;
  std::uint32_t rate = 16000;
  int bits = 16;
  int block = 2;
};

std::string format_chunk(const Format& format = {}) {
  return "fmt " + number(16, 4) + number(static_cast<std::uint64_t>(format.encoding), 2) +
         number(static_cast<std::uint64_t>(format.channels), 2) + number(format.rate, 4) +
         number(format.rate * static_cast<std::uint64_t>(format.block), 4) +
         number(static_cast<std::uint64_t>(format.block), 2) +
         number(static_cast<std::uint64_t>(format.bits), 2);
}

std::string riff(const std::string& chunks) {
  return "RIFF" + number(4 + chunks.size(), 4) + "WAVE" + chunks;
}

std::string data_chunk(const std::string& samples) {
  return "data" + number(samples.size(), 4) + samples;
}

struct Read {
  std::vector<float> samples;
  std::optional<std::uint64_t> announced;
  bool ended_early;
};

Read read(const std::string& bytes) {
  std::istringstream stream(bytes);
  WavReader wav(stream, "a.wav");
  std::vector<float> samples = wav.read_all();
  return {std::move(samples), wav.samples_announced(), wav.ended_early()};
}

std::string refusal(const std::string& bytes) {
  try {
    (void)read(bytes);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

struct Kind {
  int sndfile_format;
  WavSamples samples;
};

// libsndfile writes the files and says what is in them.
class WavReaderKinds : public testing::TestWithParam<Kind> {};

TEST_P(WavReaderKinds, ReadWhatLibsndfileWrites) {
  for (const int channels : {1, 2, 6}) {
    const test::TemporaryFolder folder;
    const auto path = folder.file("sound.wav");
    std::vector<float> sound(static_cast<std::size_t>(5000 * channels));
    for (std::size_t i = 0; i < sound.size(); ++i) {
      sound[i] = static_cast<float>(0.9 * std::sin(0.01 * static_cast<double>(i * i % 7919)));
    }
    SF_INFO info{};
    info.samplerate = 44100;
    info.channels = channels;
    info.format = GetParam().sndfile_format;
    SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
    ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
    ASSERT_EQ(sf_writef_float(file, sound.data(), 5000), 5000);
    sf_close(file);
    info = {};
    file = sf_open(path.c_str(), SFM_READ, &info);
    ASSERT_EQ(sf_readf_float(file, sound.data(), 5000), 5000);
    sf_close(file);

    std::ifstream bytes(path, std::ios::binary);
    WavReader wav(bytes, path.string());
    EXPECT_EQ(wav.format().sample_rate_hz, 44100);
    EXPECT_EQ(wav.format().channels, channels);
    EXPECT_EQ(wav.format().samples, GetParam().samples);
    EXPECT_EQ(wav.samples_announced(), 5000U);
    const std::vector<float> samples = wav.read_all();
    ASSERT_THAT(samples, SizeIs(5000));
    EXPECT_FALSE(wav.ended_early());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      double mean = 0;
      for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        mean += sound[i * static_cast<std::size_t>(channels) + c] / channels;
      }
      ASSERT_NEAR(samples[i], mean, 1e-6) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, WavReaderKinds,
                         testing::Values(Kind{SF_FORMAT_WAV | SF_FORMAT_PCM_U8, WavSamples::kUnsigned8},
                                         Kind{SF_FORMAT_WAV | SF_FORMAT_PCM_16, WavSamples::kSigned16},
                                         Kind{SF_FORMAT_WAV | SF_FORMAT_PCM_24, WavSamples::kSigned24},
                                         Kind{SF_FORMAT_WAV | SF_FORMAT_PCM_32, WavSamples::kSigned32},
                                         Kind{SF_FORMAT_WAV | SF_FORMAT_FLOAT, WavSamples::kFloat32},
                                         Kind{SF_FORMAT_WAV | SF_FORMAT_DOUBLE, WavSamples::kFloat64},
                                         Kind{SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, WavSamples::kSigned24},
                                         Kind{SF_FORMAT_WAVEX | SF_FORMAT_FLOAT, WavSamples::kFloat32},
                                         Kind{SF_FORMAT_RF64 | SF_FORMAT_PCM_16, WavSamples::kSigned16}));

TEST(WavReader, TakesEachSampleToItsPlaceInTheRange) {
  const std::string pcm16 = number(0x8000, 2) + number(0x7FFF, 2) + number(0, 2) + number(0xFFFF, 2);
  EXPECT_THAT(read(riff(format_chunk() + data_chunk(pcm16))).samples,
              ElementsAre(-1.0F, 32767 / 32768.0F, 0.0F, -1 / 32768.0F));
  EXPECT_THAT(
      read(riff(format_chunk({.bits = 8, .block = 1}) + data_chunk(std::string("\x00\x80\xff", 3)))).samples,
      ElementsAre(-1.0F, 0.0F, 127 / 128.0F));
}

TEST(WavReader, ClipsLoudFloatsAndSilencesWhatIsNoNumber) {
  std::string sound;
  for (const float value : {2.5F, -1e30F, std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity(), 0.5F}) {
    sound += number(std::bit_cast<std::uint32_t>(value), 4);
  }
  const Format format{.encoding = 3, .bits = 32, .block = 4};
  EXPECT_THAT(read(riff(format_chunk(format) + data_chunk(sound))).samples,
              ElementsAre(1.0F, -1.0F, 0.0F, 0.0F, 0.5F));
}

TEST(WavReader, PassesOverOtherChunks) {
  const std::string odd = "LIST" + number(3, 4) + std::string("abc\0", 4);
  const std::string bytes = riff(odd + format_chunk() + odd + data_chunk(number(0x4000, 2)) + odd);
  EXPECT_THAT(read(bytes).samples, ElementsAre(0.5F));
}

TEST(WavReader, ReadsAnOpenLengthToTheEnd) {
  const std::string sound = number(0x4000, 2) + number(0x2000, 2);
  for (const std::uint64_t size : {0xFFFFFFFFU, 0x7FFFF000U}) {
    const Read found = read(riff(format_chunk() + "data" + number(size, 4) + sound));
    EXPECT_THAT(found.samples, ElementsAre(0.5F, 0.25F));
    EXPECT_EQ(found.announced, std::nullopt);
    EXPECT_FALSE(found.ended_early);
  }
  const Read unfinished =
      read("RIFF" + number(0, 4) + "WAVE" + format_chunk() + "data" + number(0, 4) + sound);
  EXPECT_THAT(unfinished.samples, ElementsAre(0.5F, 0.25F));
}

TEST(WavReader, GivesWhatATruncatedFileHasAndSaysSo) {
  const std::string whole = riff(format_chunk() + data_chunk(std::string(100, '\1')));
  const Read found = read(whole.substr(0, whole.size() - 31));
  EXPECT_THAT(found.samples, SizeIs(34));
  EXPECT_EQ(found.announced, 50U);
  EXPECT_TRUE(found.ended_early);
  EXPECT_THAT(read(riff(format_chunk() + data_chunk(""))).samples, IsEmpty());
}

TEST(WavReader, NamesTheFileAndTheField) {
  EXPECT_THAT(refusal(""), HasSubstr("'a.wav' is no WAV file: it has fewer than 12 bytes"));
  EXPECT_THAT(refusal("ID3 and so on, an MP3"), HasSubstr("'a.wav' is no WAV file"));
  EXPECT_THAT(refusal(riff("")), HasSubstr("ends before its format"));
  EXPECT_THAT(refusal(riff(format_chunk())), HasSubstr("ends before its sound"));
  EXPECT_THAT(refusal(riff(data_chunk("ab"))), HasSubstr("has its sound before its format"));
  EXPECT_THAT(refusal(riff("fmt " + number(2, 4) + "ab")), HasSubstr("fewer than 16 bytes"));
  EXPECT_THAT(refusal(riff(format_chunk()).substr(0, 30)), HasSubstr("ends within its format"));
  EXPECT_THAT(refusal(riff(format_chunk({.encoding = 7, .bits = 8, .block = 1}))),
              HasSubstr("encoding 7 with 8 bits"));
  EXPECT_THAT(refusal(riff(format_chunk({.bits = 12}))), HasSubstr("encoding 1 with 12 bits"));
  EXPECT_THAT(refusal(riff(format_chunk({.channels = 0}))), HasSubstr("says 0 channels"));
  EXPECT_THAT(refusal(riff(format_chunk({.channels = 300, .block = 600}))), HasSubstr("says 300 channels"));
  EXPECT_THAT(refusal(riff(format_chunk({.rate = 10}))), HasSubstr("a sample rate of 10 Hz"));
  EXPECT_THAT(refusal(riff(format_chunk({.rate = 0xFFFFFFFF}))), HasSubstr("a sample rate of 4294967295 Hz"));
  EXPECT_THAT(refusal(riff(format_chunk({.channels = 2}))), HasSubstr("(block align)"));
}

}  // namespace
}  // namespace antiphon::audio
