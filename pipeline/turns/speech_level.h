#pragma once

#include <optional>
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

 private:
  float loudest_ = 0;  // mean square of a block, fading
  AudioTime quiet_{0};
};

}  // namespace antiphon::pipeline::turns
