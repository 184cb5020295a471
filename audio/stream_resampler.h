#pragma once

#include <cstddef>
#include <memory>
#include <span>

struct SpeexResamplerState_;

namespace antiphon::audio {

// What a step over spans of any size has read of its input and written of its output.
struct Progress {
  std::size_t read = 0;
  std::size_t written = 0;
};

// An endless mono stream at another sample rate (speexdsp's windowed sinc). The output does not depend on how
// the input is cut into pieces. Equal rates pass through untouched.
//
// Digital silence costs next to nothing: once the filter has heard nothing else it is not computed.
//
// Owner:   one object; not thread-safe.
// Memory:  the filter is allocated in the constructor (throws std::bad_alloc); process() and reset() never
//          allocate.
// Latency: delay_samples() of input; 2.5 ms from 24 to 16 kHz, 5 ms from or to 8 kHz.
class StreamResampler {
 public:
  enum class Alignment {
    kInPlace,  // output sample n is the sound at n / to_hz; it comes when delay_samples() more input is known
    kDelayed,  // output n comes with the input of the same time, and is the sound delay_samples() earlier
  };

  // REQUIRES: both rates > 0.
  StreamResampler(int from_hz, int to_hz, Alignment alignment);

  // Goes on until `in` is used up or `out` is full, so the work is bounded by both. The spans must not
  // overlap.
  Progress process(std::span<const float> in, std::span<float> out);

  // Forgets the past: the next sample begins a new stream.
  void reset();

  std::size_t delay_samples() const;  // at the input's rate

 private:
  Progress pass_silence(std::span<const float> in, std::span<float> out);
  Progress filter(std::span<const float> in, std::span<float> out);

  struct Destroy {
    void operator()(SpeexResamplerState_* state) const;
  };
  std::unique_ptr<SpeexResamplerState_, Destroy> state_;  // null: equal rates
  Alignment alignment_;
  Progress period_;                 // the shortest whole numbers of samples that last equally long
  std::size_t history_ = 0;         // input samples that an output sample may depend on
  std::size_t silent_samples_ = 0;  // so many of the last input samples were 0
};

}  // namespace antiphon::audio
