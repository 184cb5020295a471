#pragma once

#include <span>

#include "models/slot.h"

namespace antiphon::models {

// Tells speech from other sound, 32 ms at a time, for many sessions in one pass.
//
// Owner:  one thread at a time (the realtime lane).
// Memory: all slots and work space are allocated by the constructor; step() and reset() never allocate.
// Errors: none after construction; any sample values are safe and touch no slot but their own.
class VoiceActivityDetector {
 public:
  static constexpr int kWindowSamples = 512;  // 16 kHz, mono

  struct Window {
    Slot slot;
    std::span<const float, kWindowSamples> samples;  // [-1, 1]; read during step() only
  };

  virtual ~VoiceActivityDetector() = default;

  virtual int slots() const = 0;

  // probabilities[i] = P(speech in batch[i]), and batch[i].slot has heard the window. Any number of windows,
  // in any order, at most one for each slot; the result for a slot does not depend on the others.
  virtual void step(std::span<const Window> batch, std::span<float> probabilities) = 0;

  // The slot is as before its first window.
  virtual void reset(Slot slot) = 0;

  // Runs the largest batch once on scratch state, so that the first caller pays nothing.
  virtual void warm_up() = 0;
};

}  // namespace antiphon::models
