#include "server/console/recording_transcriber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "audio/wav_writer.h"

namespace antiphon::server {
namespace {

using models::VoiceActivityDetector;

// Hears speech wherever there is sound: the tests say with the samples where the segments are.
class LoudnessDetector final : public VoiceActivityDetector {
 public:
  int slots() const override { return 1; }
  void step(std::span<const Window> batch, std::span<float> probabilities) override {
    double sum = 0;
    for (const float sample : batch[0].samples) sum += sample;
    probabilities[0] = sum > 25 ? 1.0F : 0.0F;
  }
  void reset(models::Slot /*slot*/) override {}
  void warm_up() override {}
};

// Writes down how much it was given to hear, with a word that spans the second half.
class LengthRecognizer final : public models::SpeechRecognizer {
 public:
  models::Stepped<models::EncodedSpeech> encode(std::vector<float> audio) const override {
    co_return models::EncodedSpeech{static_cast<int>(audio.size()), 1, {}};
  }
  models::Stepped<models::Transcript> decode(models::EncodedSpeech speech,
                                             models::TranscribeOptions options) const override {
    models::Transcript transcript;
    transcript.text = std::to_string(speech.samples);
    const double seconds = speech.samples / 16000.0;
    if (options.word_times) transcript.words = {{transcript.text, seconds / 2, seconds, 0}};
    co_return transcript;
  }
  void warm_up() const override {}
};

struct Result {
  double seconds = 0;
  std::vector<RecordedSpeech> speech;
};

// `windows_of_sound`: pairs of silence and sound, in windows of 32 ms.
Result transcribe(const std::vector<int>& silence_and_sound, int rate_hz, double extra_seconds = 0) {
  std::vector<float> samples;
  for (std::size_t i = 0; i < silence_and_sound.size(); ++i) {
    samples.insert(samples.end(), static_cast<std::size_t>(silence_and_sound[i] * rate_hz * 32 / 1000),
                   i % 2 == 0 ? 0.0F : 0.1F);
  }
  samples.insert(samples.end(), static_cast<std::size_t>(extra_seconds * rate_hz), 0.0F);
  std::stringstream bytes;
  audio::WavWriter(bytes, rate_hz).write(samples);
  audio::WavReader wav(bytes, "test");
  LoudnessDetector detector;
  const LengthRecognizer recognizer;
  RecordingTranscriber transcriber(detector, recognizer, true);
  Result result;
  double progress = 0;
  result.seconds =
      transcriber.transcribe(wav, {[&](const RecordedSpeech& speech) { result.speech.push_back(speech); },
                                   [&](double heard_seconds) {
                                     EXPECT_GE(heard_seconds, progress);
                                     progress = heard_seconds;
                                   }});
  return result;
}

TEST(RecordingTranscriber, GivesEachSegmentItsSoundAndTimes) {
  const Result found = transcribe({50, 100, 50, 60}, 16000);
  EXPECT_DOUBLE_EQ(found.seconds, 260 * 0.032);
  ASSERT_EQ(found.speech.size(), 2U);
  EXPECT_DOUBLE_EQ(found.speech[0].begin_seconds, 44 * 0.032);
  EXPECT_DOUBLE_EQ(found.speech[0].end_seconds, 156 * 0.032);
  EXPECT_EQ(found.speech[0].transcript.text, std::to_string(112 * 512));
  EXPECT_DOUBLE_EQ(found.speech[0].transcript.words[0].start_seconds, 100 * 0.032);
  EXPECT_DOUBLE_EQ(found.speech[1].begin_seconds, 194 * 0.032);
  EXPECT_DOUBLE_EQ(found.speech[1].end_seconds, 260 * 0.032);
}

TEST(RecordingTranscriber, AnySampleRateHasTheSameTimes) {
  for (const int rate_hz : {8000, 22050, 44100, 48000}) {
    const Result found = transcribe({50, 100, 50, 60}, rate_hz);
    ASSERT_EQ(found.speech.size(), 2U) << rate_hz;
    EXPECT_NEAR(found.speech[0].begin_seconds, 44 * 0.032, 0.04) << rate_hz;
    EXPECT_NEAR(found.speech[1].end_seconds, 260 * 0.032, 0.04) << rate_hz;
  }
}

TEST(RecordingTranscriber, NoTimeIsBeyondTheEnd) {
  const Result found = transcribe({0, 50}, 16000, 0.01);
  EXPECT_NEAR(found.seconds, 1.61, 1e-9);
  ASSERT_EQ(found.speech.size(), 1U);
  EXPECT_DOUBLE_EQ(found.speech[0].end_seconds, found.seconds);
  EXPECT_LE(found.speech[0].transcript.words[0].end_seconds, found.seconds);
}

TEST(RecordingTranscriber, LongSoundComesInPiecesOfBoundedLength) {
  const Result found = transcribe({0, 3000}, 16000);
  ASSERT_GE(found.speech.size(), 4U);
  double at = 0;
  for (const RecordedSpeech& speech : found.speech) {
    EXPECT_DOUBLE_EQ(speech.begin_seconds, at);
    EXPECT_LE(speech.end_seconds - speech.begin_seconds, 30);
    at = speech.end_seconds;
  }
  EXPECT_DOUBLE_EQ(at, 96);
}

TEST(RecordingTranscriber, SilenceHasNoSpeech) {
  EXPECT_TRUE(transcribe({100}, 16000).speech.empty());
  EXPECT_TRUE(transcribe({}, 16000).speech.empty());
}

}  // namespace
}  // namespace antiphon::server
