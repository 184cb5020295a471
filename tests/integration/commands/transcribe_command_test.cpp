#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sndfile.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "audio/resampler.h"
#include "audio/wav_writer.h"
#include "tests/support/program.h"
#include "tests/support/recording.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

const std::string kTimer = "tests/data/speech/timer.wav";  // as the goldens have it
const std::string kTimerWords = "timer";

test::ProgramResult transcribe(std::vector<std::string> arguments, std::string_view input = "") {
  std::vector<std::string> command = {ANTIPHON_PROGRAM, "transcribe", "--models", "small"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return test::run_program(command, input);
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

TEST(TranscribeCommand, WritesDownWhatIsSaid) {
  const auto result = transcribe({kTimer});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr(kTimerWords));
  EXPECT_EQ(std::ranges::count(result.out, '\n'), 1);
  EXPECT_EQ(result.err, "");  // no progress where there is no terminal
}

TEST(TranscribeCommand, ReadsStandardInput) {
  const auto result = transcribe({"-"}, bytes_of(kTimer));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, transcribe({kTimer}).out);
}

TEST(TranscribeCommand, ReadsOtherRatesDepthsAndChannels) {
  const test::TemporaryFolder folder;
  const auto sound = audio::resample(test::read_recording(kTimer), 16000, 44100);
  std::vector<float> stereo;
  for (const float sample : sound) stereo.insert(stereo.end(), {sample, 0.5F * sample});
  SF_INFO info{};
  info.samplerate = 44100;
  info.channels = 2;
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
  SNDFILE* file = sf_open(folder.file("stereo.wav").c_str(), SFM_WRITE, &info);
  ASSERT_NE(file, nullptr);
  sf_writef_float(file, stereo.data(), static_cast<sf_count_t>(sound.size()));
  sf_close(file);
  const auto result = transcribe({folder.file("stereo.wav")});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr(kTimerWords));
}

TEST(TranscribeCommand, CutsALongRecordingAtItsPauses) {
  const test::TemporaryFolder folder;
  const auto once = test::read_recording(kTimer);
  std::vector<float> sound;
  constexpr int kTimes = 20;
  for (int i = 0; i < kTimes; ++i) {
    sound.insert(sound.end(), once.begin(), once.end());
    sound.insert(sound.end(), 16000 / 4, 0.0F);  // too short to end a segment by itself
  }
  audio::write_wav(folder.file("long.wav"), sound, 16000);
  const auto result = transcribe({"--format", "json", "--words", folder.file("long.wav")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["duration_ms"], sound.size() / 16);
  int before = 0;
  for (const auto& segment : json["segments"]) {
    EXPECT_GE(segment["begin_ms"], before);
    EXPECT_LE(segment["end_ms"].get<int>() - segment["begin_ms"].get<int>(), 11'000);
    before = segment["end_ms"];
    for (const auto& word : segment["words"]) {
      EXPECT_GE(word["begin_ms"], segment["begin_ms"]);
      EXPECT_LE(word["end_ms"], segment["end_ms"]);
      EXPECT_LE(word["begin_ms"], word["end_ms"]);
    }
  }
  const std::string text = json["text"];
  int found = 0;
  for (std::size_t at = text.find(kTimerWords); at != std::string::npos; at = text.find(kTimerWords, at + 1))
    ++found;
  EXPECT_GE(found, kTimes - 1);
}

TEST(TranscribeCommand, SubtitlesHaveNumbersAndTimes) {
  const auto result = transcribe({"--format", "srt", kTimer});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, StartsWith("1\n00:00:0"));
  EXPECT_THAT(result.out, HasSubstr(" --> 00:00:0"));
  const auto refused = transcribe({"--format", "srt", kTimer, kTimer});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--format srt takes one FILE"));
}

TEST(TranscribeCommand, GoesOnAfterAFileThatFails) {
  const test::TemporaryFolder folder;
  std::ofstream(folder.file("text.wav")) << "this is no sound at all";
  const auto result = transcribe({folder.file("none.wav"), folder.file("text.wav"), folder.path(), kTimer});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot read '" + folder.file("none.wav").string() + "'"));
  EXPECT_THAT(result.err, HasSubstr("text.wav' is no WAV file"));
  EXPECT_THAT(result.err, HasSubstr("is a folder"));
  EXPECT_THAT(result.out, HasSubstr("== " + kTimer + " ==\n"));
  EXPECT_THAT(result.out, HasSubstr(kTimerWords));
}

TEST(TranscribeCommand, ATruncatedFileGivesWhatItHasAndSaysSo) {
  const test::TemporaryFolder folder;
  const std::string whole = bytes_of(kTimer);
  std::ofstream(folder.file("cut.wav"), std::ios::binary) << whole.substr(0, whole.size() * 3 / 4);
  const auto result = transcribe({folder.file("cut.wav")});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("cut.wav' ends before the length that it says it has"));
  EXPECT_NE(result.out, "");
}

TEST(TranscribeCommand, SilenceHasNoWords) {
  const test::TemporaryFolder folder;
  audio::write_wav(folder.file("silence.wav"), std::vector<float>(48000), 8000);
  const auto result = transcribe({"--format", "json", folder.file("silence.wav")});
  EXPECT_EQ(result.exit_code, 0);
  const auto json = nlohmann::json::parse(result.out);
  EXPECT_EQ(json["text"], "");
  EXPECT_EQ(json["duration_ms"], 6000);
}

}  // namespace
}  // namespace antiphon::server
