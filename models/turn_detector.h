#pragma once

#include <span>

#include "models/slot.h"
#include "models/stepped.h"

namespace antiphon::models {

// Hears whether a speaker has finished the turn or only pauses, from the sound of the turn so far.
//
// Owner:  append(), reset() and the call of probability(): one thread at a time for each slot, different
// slots
//         on different threads. The Stepped that probability() returns holds a copy of what it needs: it runs
//         on any thread, beside anything else here, and later audio does not change it. The detector must
//         outlive it.
// Memory: slots are allocated by the constructor; append() and reset() never allocate.
// Errors: none after construction; any sample values are safe and touch no slot but their own.
class TurnDetector {
 public:
  virtual ~TurnDetector() = default;

  virtual int slots() const = 0;

  // Audio of the turn, 16 kHz mono, [-1, 1], pauses included; any number of samples. Cheap (about 0.5 ms of
  // work for a second), so it may run on a media worker. Only whole 10 ms (160 samples) are heard: a rest
  // waits for the samples that fill it up.
  virtual void append(Slot slot, std::span<const float> audio) = 0;

  // A new turn begins: the slot is as before its first audio.
  virtual void reset(Slot slot) = 0;

  // P(the turn is complete) as of now; each step takes a few milliseconds.
  virtual Stepped<float> probability(Slot slot) const = 0;

  // Runs the network once on silence, so that the first caller pays nothing.
  virtual void warm_up() const = 0;
};

}  // namespace antiphon::models
