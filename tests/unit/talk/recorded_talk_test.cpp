// Recordings as a microphone, when each is spoken, and the file that a loudspeaker keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "audio/wav_reader.h"
#include "audio/wav_writer.h"
#include "server/talk/loudspeaker.h"
#include "server/talk/recorded_microphone.h"
#include "server/talk/recorded_turns.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using pipeline::Time;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using Step = RecordedTurns::Step;

const Time kStart{seconds(100)};

std::string fault_of(const std::filesystem::path& file) {
  try {
    read_recording(file);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(RecordedMicrophone, SpeaksAtThePaceOfTimeWithSilenceAround) {
  RecordedMicrophone microphone({{"one", std::vector<float>(700, 0.5F)}, {"two", {0.25F}}});
  audio::RenderFrame frame{};
  EXPECT_FALSE(microphone.next(kStart, frame)) << "its last sample is still to be spoken";
  ASSERT_TRUE(microphone.next(kStart + milliseconds(20), frame));
  EXPECT_EQ(microphone.spoken_at(), kStart + milliseconds(20));
  EXPECT_EQ(frame[0], 0.0F);
  ASSERT_TRUE(microphone.begin_next());
  EXPECT_TRUE(microphone.speaking());
  EXPECT_EQ(microphone.name(), "one");
  EXPECT_FALSE(microphone.next(kStart + milliseconds(39), frame));
  ASSERT_TRUE(microphone.next(kStart + milliseconds(95), frame));
  EXPECT_EQ(frame[479], 0.5F);
  ASSERT_TRUE(microphone.next(kStart + milliseconds(95), frame)) << "it catches up";
  EXPECT_EQ(frame[219], 0.5F);
  EXPECT_EQ(frame[220], 0.0F);
  EXPECT_FALSE(microphone.speaking());
  EXPECT_TRUE(microphone.begin_next());
  EXPECT_FALSE(microphone.begin_next());
}

TEST(RecordedMicrophone, ReadsFilesOfAnyRateAndNamesWhatItCannotRead) {
  const test::TemporaryFolder folder;
  audio::write_wav(folder.file("a.wav"), std::vector<float>(1600, 0.5F), 16'000);
  EXPECT_EQ(read_recording(folder.file("a.wav")).samples.size(), 2400U);
  EXPECT_THAT(fault_of(folder.file("none.wav")), HasSubstr("there is no file"));
  EXPECT_THAT(fault_of(folder.path()), HasSubstr("there is no file"));
  std::ofstream(folder.file("text.wav")) << "no sound at all";
  EXPECT_THAT(fault_of(folder.file("text.wav")), HasSubstr("text.wav': "));
  audio::write_wav(folder.file("empty.wav"), {}, 16'000);
  EXPECT_THAT(fault_of(folder.file("empty.wav")), HasSubstr("holds no sound"));
}

TEST(RecordedTurns, WaitForTheAnswerAndALittleRest) {
  RecordedTurns turns;
  Time now = kStart;
  EXPECT_EQ(turns.step(now, false, 0), Step::kWait);
  EXPECT_EQ(turns.step(now += milliseconds(499), false, 0), Step::kWait);
  EXPECT_EQ(turns.step(now += milliseconds(1), false, 0), Step::kSpeak);
  EXPECT_EQ(turns.step(now += seconds(3), true, 0), Step::kWait);
  EXPECT_EQ(turns.step(now += seconds(5), false, 0), Step::kWait) << "no answer yet";
  EXPECT_EQ(turns.step(now += seconds(1), true, 1), Step::kWait) << "it still sounds";
  EXPECT_EQ(turns.step(now += milliseconds(500), false, 1), Step::kSpeak);
  EXPECT_EQ(turns.step(now += seconds(1), true, 1), Step::kWait);
  EXPECT_EQ(turns.step(now += seconds(19), false, 1), Step::kWait);
  EXPECT_EQ(turns.step(now += seconds(1), false, 1), Step::kUnanswered);
}

TEST(RecordingLoudspeaker, KeepsWhatWouldHaveBeenHeardPausesIncluded) {
  const test::TemporaryFolder folder;
  RecordingLoudspeaker speaker(folder.file("a.wav"));
  EXPECT_EQ(speaker.frames_wanted(kStart), 1);
  EXPECT_EQ(speaker.frames_wanted(kStart + milliseconds(19)), 0);
  EXPECT_EQ(speaker.frames_wanted(kStart + milliseconds(60)), 3);
  audio::RenderFrame frame{};
  frame.fill(0.5F);
  speaker.play(frame);
  speaker.finish();
  std::ifstream bytes(folder.file("a.wav"), std::ios::binary);
  audio::WavReader reader(bytes, "a.wav");
  EXPECT_EQ(reader.samples_announced(), 480U);
  EXPECT_THROW(RecordingLoudspeaker("/no/such/folder/a.wav"), std::runtime_error);
  EXPECT_EQ(RecordingLoudspeaker("").frames_wanted(kStart), 1) << "nowhere, at the same pace";
}

}  // namespace
}  // namespace antiphon::server
