#pragma once

#include <functional>

#include "audio/wav_reader.h"
#include "models/speech_recognizer.h"
#include "models/voice_activity_detector.h"
#include "pipeline/jobs/recorded_speech.h"

namespace antiphon::server {

using pipeline::RecordedSpeech;

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
  void transcribe_found(pipeline::RecordingCutter& cutter, const Hooks& hooks);

  models::VoiceActivityDetector& detector_;
  const models::SpeechRecognizer& recognizer_;
  const bool word_times_;
};

}  // namespace antiphon::server
