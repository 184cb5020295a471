#include "server/console/recording_transcriber.h"

#include <span>
#include <vector>

namespace antiphon::server {
namespace {

constexpr std::size_t kPieceSamples = 16384;

}  // namespace

RecordingTranscriber::RecordingTranscriber(models::VoiceActivityDetector& detector,
                                           const models::SpeechRecognizer& recognizer, bool word_times)
    : detector_(detector), recognizer_(recognizer), word_times_(word_times) {}

double RecordingTranscriber::transcribe(audio::WavReader& wav, const Hooks& hooks) {
  pipeline::RecordingCutter cutter(&detector_, models::Slot{0}, wav.format().sample_rate_hz);
  std::vector<float> piece(kPieceSamples);
  while (const std::size_t count = wav.read(piece)) {
    cutter.push(std::span(piece).first(count));
    transcribe_found(cutter, hooks);
    hooks.on_progress(cutter.heard_seconds());
  }
  cutter.finish();
  transcribe_found(cutter, hooks);
  return cutter.heard_seconds();
}

void RecordingTranscriber::transcribe_found(pipeline::RecordingCutter& cutter, const Hooks& hooks) {
  while (const auto segment = cutter.next()) {
    models::Transcript transcript =
        recognizer_.transcribe(segment->audio, pipeline::recording_options(word_times_)).run_to_end();
    if (!transcript.text.empty()) {
      hooks.on_speech(pipeline::recorded_speech(*segment, std::move(transcript)));
    }
  }
}

}  // namespace antiphon::server
