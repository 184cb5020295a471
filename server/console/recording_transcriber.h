#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "audio/speech_segmenter.h"
#include "audio/wav_reader.h"
#include "models/speech_recognizer.h"
#include "models/voice_activity_detector.h"

namespace antiphon::server {

// A stretch of a recording and what was said in it. Times, also of the words, count from the recording's
// start.
struct RecordedSpeech {
  double begin_seconds = 0;
  double end_seconds = 0;
  models::Transcript transcript;
};

// Transcribes a recording of any length: segment by segment, cut at its pauses.
//
// Owner:    one thread. The networks must outlive it; it uses slot 0 of the detector.
// Memory:   about one segment of sound (2 MB), whatever the recording's length.
class RecordingTranscriber {
 public:
  struct Hooks {
    std::function<void(const RecordedSpeech&)> on_speech;  // in order, as soon as a segment is transcribed
    std::function<void(double heard_seconds)> on_progress;
  };

  RecordingTranscriber(models::VoiceActivityDetector& detector, const models::SpeechRecognizer& recognizer,
                       bool word_times);

  // Returns the seconds of sound.
  double transcribe(audio::WavReader& wav, const Hooks& hooks);

 private:
  void hear(std::span<const float> samples, const Hooks& hooks);
  void hear_window(std::span<const float, models::VoiceActivityDetector::kWindowSamples> window,
                   const Hooks& hooks);
  void transcribe(const audio::SpeechSegment& segment, const Hooks& hooks);

  models::VoiceActivityDetector& detector_;
  const models::SpeechRecognizer& recognizer_;
  const bool word_times_;
  audio::SpeechSegmenter segmenter_;
  std::vector<float> sound_;     // 16 kHz, from window sound_from_ on
  std::int64_t sound_from_ = 0;  // windows
  std::int64_t windows_heard_ = 0;
  std::int64_t samples_heard_ = 0;
  double seconds_max_ = 0;  // no segment ends later
};

}  // namespace antiphon::server
