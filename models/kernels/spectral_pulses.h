#pragma once

#include <span>

namespace antiphon::models::kernels {

// The voice's excitation: a pulse train without aliases that follows a pitch curve, one hop at a time.
//
// Between the centres of two hops the pitch is a straight line; the phase is summed in double over the whole
// phrase. A sample is the sum of cos(h t) over the harmonics h below 11 kHz, in closed form
// sin((H + 1/2) t) / (2 sin(t / 2)) - 1/2, and 0 where the pitch is 40 Hz or less (unvoiced).
//
// Owner: one thread at a time. Never allocates.
class PulseTrain {
 public:
  static constexpr int kHop = 300;
  static constexpr double kSampleRate = 24000.0;
  static constexpr float kVoicedAbove = 40.0f;        // Hz
  static constexpr float kHarmonicsBelow = 11000.0f;  // Hz

  // The pitch in Hz at the centres of the hop before, this hop and the hop after; at a phrase's ends repeat
  // the hop's own. Fills the hop's kHop samples.
  void next_hop(float before, float here, float after, std::span<float, kHop> out);

  // The closed form for `pitch` (Hz) at `phase` (in turns, [0, 1)).
  static void pulses(std::span<const float> pitch, std::span<const float> phase, std::span<float> out);
  static void pulses_portable(std::span<const float> pitch, std::span<const float> phase,
                              std::span<float> out);

 private:
  double phase_ = 0.0;  // turns, [0, 1)
};

}  // namespace antiphon::models::kernels
