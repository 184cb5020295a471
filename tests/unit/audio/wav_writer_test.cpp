#include "audio/wav_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "audio/wav_reader.h"
#include "tests/support/recording.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::audio {
namespace {

using testing::ElementsAre;

constexpr std::array<float, 3> kSound = {0.0F, -1.0F, 2.0F};

TEST(WavWriter, ThroughAPipeLeavesTheLengthOpen) {
  std::stringstream pipe;
  WavWriter writer(pipe, 24000);
  writer.write(kSound);
  writer.write(std::span(kSound).first(1));
  WavReader reader(pipe, "pipe");
  EXPECT_EQ(reader.format().sample_rate_hz, 24000);
  EXPECT_EQ(reader.samples_announced(), std::nullopt);
  EXPECT_THAT(reader.read_all(), ElementsAre(0.0F, -32767 / 32768.0F, 32767 / 32768.0F, 0.0F));
}

TEST(WavWriter, AFinishedFileIsWhole) {
  const test::TemporaryFolder folder;
  std::ofstream file(folder.file("a.wav"), std::ios::binary);
  WavWriter writer(file, 8000);
  writer.write(kSound);
  writer.finish();
  file.close();
  EXPECT_EQ(std::filesystem::file_size(folder.file("a.wav")), 44U + 6U);
  std::ifstream bytes(folder.file("a.wav"), std::ios::binary);
  EXPECT_EQ(WavReader(bytes, "a.wav").samples_announced(), 3U);
  EXPECT_EQ(test::read_recording(folder.file("a.wav"), 8000).size(), 3U);  // libsndfile agrees
}

TEST(WavWriter, NamesAFileThatCannotBeWritten) {
  const test::TemporaryFolder folder;
  try {
    write_wav(folder.file("none") / "a.wav", kSound, 8000);
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("none/a.wav"));
  }
}

}  // namespace
}  // namespace antiphon::audio
