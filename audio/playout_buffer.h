#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "audio/frame.h"

namespace antiphon::audio {

// One response's samples on their way out: pieces of any size in, whole frames out.
//
//   push* -> end -> pop until kEnded        an undisturbed response
//   push* -> interrupt -> pop (one frame that fades to silence) -> kEnded
//   reset                                   the next response
//
// Owner:    one session; not thread-safe.
// Memory:   a ring of `capacity`, in the constructor; nothing else allocates.
// Overload: push() takes what fits; the producer keeps the rest and waits (backpressure).
class PlayoutBuffer {
 public:
  static constexpr std::size_t kFadeSamples = 192;  // 8 ms at 24 kHz

  enum class Pop {
    kFrame,     // `frame` was filled
    kUnderrun,  // not a whole frame is here and more is to come: nothing was taken; counted
    kEnded,     // everything has been taken
  };

  // REQUIRES: capacity >= kFrameDuration.
  explicit PlayoutBuffer(std::chrono::milliseconds capacity);

  // Returns how many samples were taken from the front of `samples`; none after end() or interrupt().
  [[nodiscard]] std::size_t push(std::span<const float> samples);

  // No more samples come: the last frame is filled up with silence.
  void end();

  // Drops all but the next kFadeSamples (or fewer, if fewer are here), which fade to silence without a click.
  void interrupt();

  [[nodiscard]] Pop pop(RenderFrame& frame);

  // Whether pop() would fill a frame.
  bool has_frame() const { return size_ >= (ended_ ? 1 : std::tuple_size_v<RenderFrame>); }
  bool ended() const { return ended_ && size_ == 0; }

  // Forgets the response, its counts included.
  void reset();

  std::size_t buffered_samples() const { return size_; }
  std::size_t room_samples() const { return ring_.size() - size_; }
  std::int64_t samples_played() const { return samples_played_; }  // taken by pop(), without filling silence
  std::int64_t underruns() const { return underruns_; }            // pops that found less than a frame

 private:
  void fade_out();

  std::vector<float> ring_;
  std::size_t read_ = 0;  // index of the oldest sample
  std::size_t size_ = 0;
  bool ended_ = false;
  std::int64_t samples_played_ = 0;
  std::int64_t underruns_ = 0;
};

}  // namespace antiphon::audio
