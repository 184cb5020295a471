#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline::turns {

// Where within a window of audio the voice fell silent, by its level: the detector's probability lags behind
// the end of the voice by a window or two, and is one number for 32 ms.
//
// A block of 8 ms is quiet if it is 32 dB below the loudest of late. Where noise fills the pauses no block is
// quiet, and the detector's word stays the only one.
//
// Owner: one session; pure, never allocates.
class SpeechLevel {
 public:
  // More is never said to be quiet: soft sounds at a word's end, like an "f", can be as soft as this.
  static constexpr AudioTime kQuietMax{2 * kWindow};

  // `samples`: the next window, 16 kHz. Returns for how long it has been quiet at the window's end.
  AudioTime add(std::span<const float> samples);

  // Whether a pause that has lasted for `silence` goes on in `samples`, which follow the last window: each
  // block is quiet, or not much louder than the pause was, so that steady noise may fill it.
  bool goes_on_in(std::span<const float> samples, AudioTime silence) const;

 private:
  static constexpr std::size_t kWindowsKept = 8;

  float loudest_ = 0;  // mean square of a block, fading
  AudioTime quiet_{0};
  std::array<float, kWindowsKept> loudest_of_window_{};  // a ring
  std::size_t windows_ = 0;
};

}  // namespace antiphon::pipeline::turns
