#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "audio/input_decoder.h"
#include "audio/window_buffer.h"
#include "pipeline/session/session_context.h"
#include "pipeline/session/user_audio.h"
#include "pipeline/turns/speech_level.h"

namespace antiphon::pipeline {

// The user's audio on its way in: bytes to samples to windows for the voice activity lane.
//
// Owner:    one session, on its media worker.
// Memory:   all in the constructor; neither feed() nor on_window_done() allocates.
// Overload: at most kWindowsInFlightMax windows wait for their probability; feed() stops there and goes on
//           when it is called again, so that a message of any size keeps its order.
class Ears {
 public:
  static constexpr int kWindowsInFlightMax = 4;

  Ears(const SessionContext& context, audio::SampleFormat format);

  // The next bytes are of this format.  REQUIRES: settled().
  void set_format(audio::SampleFormat format);

  // Hears as many of the bytes as it can now; returns how many.
  std::size_t feed(std::span<const std::byte> bytes);
  // A probability has come. Returns for how long its window's end was quiet (SpeechLevel).
  turns::AudioTime on_window_done();
  // The audio beyond the last window, if the pause of the user goes on in it; 0 while a probability is
  // awaited. `silence`: how long the pause has lasted up to there.
  turns::AudioTime silence_beyond(turns::AudioTime silence) const;
  // Every window that could be made has its probability.
  bool settled() const { return windows_in_flight_ == 0 && unheard_.empty() && !window_.full(); }
  int windows_in_flight() const { return windows_in_flight_; }

  // From here on the turn detector listens; it hears the audio from `audio_start` on.
  void begin_turn(turns::AudioTime audio_start);
  void end_turn() { in_turn_ = false; }

  const UserAudio& audio() const { return audio_; }

 private:
  bool submit_window();
  void hear(std::span<const float> samples);

  const SessionContext& context_;
  std::optional<audio::InputDecoder> decoder_;
  audio::WindowBuffer window_;
  UserAudio audio_;
  std::array<float, audio::frame_samples(audio::kCaptureRateHz)> decoded_{};
  std::span<const float> unheard_;  // of decoded_
  turns::SpeechLevel level_;
  std::array<turns::AudioTime, kWindowsInFlightMax> quiet_{};  // of the windows in flight, by their number
  std::int64_t windows_ = 0;                                   // submitted so far
  int windows_in_flight_ = 0;
  bool in_turn_ = false;
};

}  // namespace antiphon::pipeline
