// A recording cut into stretches of speech that a recogniser can hear at once.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "audio/recording_resampler.h"
#include "audio/speech_segmenter.h"
#include "models/speech_recognizer.h"
#include "models/voice_activity_detector.h"

namespace antiphon::pipeline {

// A stretch of a recording and what was said in it. Times, also of the words, count from the recording's
// start.
struct RecordedSpeech {
  double begin_seconds = 0;
  double end_seconds = 0;
  models::Transcript transcript;
};

// Finds the stretches of speech in a recording of any length, while its samples come.
//
// Owner:    one thread at a time, one recording. The detector's slot is its own until it is done.
// Memory:   about one segment of sound (2 MB), and the segments that were not taken.
class RecordingCutter {
 public:
  struct Segment {
    double begin_seconds = 0;
    double end_seconds = 0;
    std::vector<float> audio;  // 16 kHz
  };

  // `detector` outlives it. REQUIRES: rate > 0.
  RecordingCutter(models::VoiceActivityDetector* detector, models::Slot slot, int sample_rate_hz);

  void push(std::span<const float> samples);
  // The recording is over.
  void finish();
  // The next segment whose end is known; ask after each of the above.
  std::optional<Segment> next();
  double heard_seconds() const;

 private:
  static constexpr std::int64_t kWindow = models::VoiceActivityDetector::kWindowSamples;

  void hear(std::span<const float> samples);
  void hear_window(std::span<const float, kWindow> window);
  void keep(const audio::SpeechSegment& segment);

  models::VoiceActivityDetector* const detector_;
  const models::Slot slot_;
  audio::RecordingResampler resampler_;
  audio::SpeechSegmenter segmenter_;
  std::deque<Segment> found_;
  std::vector<float> sound_;     // 16 kHz, from window sound_from_ on
  std::int64_t sound_from_ = 0;  // windows
  std::int64_t windows_heard_ = 0;
  std::int64_t samples_heard_ = 0;
  double seconds_max_;  // no segment ends later
};

// How a recording's segment is to be transcribed.
models::TranscribeOptions recording_options(bool word_times);

// The segment's transcript in the recording's time.
RecordedSpeech recorded_speech(const RecordingCutter::Segment& segment, models::Transcript transcript);

}  // namespace antiphon::pipeline
