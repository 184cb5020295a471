#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "audio/frame.h"
#include "audio/sample_format.h"
#include "audio/stream_resampler.h"

namespace antiphon::audio {

// A client's audio bytes as samples at 16 kHz. Messages may be cut anywhere, also inside a 16-bit sample; the
// samples do not depend on where. Output sample n is the sound at n / 16000 s of the client's audio.
//
// Owner:   one session; not thread-safe.
// Memory:  all in the constructor; decode() never allocates.
// Latency: the resampler's 2.5 ms (from 24 kHz) or 5 ms (from 8 kHz).
// Errors:  none; any bytes are sound.
class InputDecoder {
 public:
  explicit InputDecoder(SampleFormat format);

  // Reads from `bytes` until they are used up or `out` is full: a message of any size is worked off in calls
  // whose work is bounded by `out`. Call again with the bytes that were not read; with none, what is left in
  // staging (at most 20 ms) still comes out.
  Progress decode(std::span<const std::byte> bytes, std::span<float> out);

  SampleFormat format() const { return format_; }

 private:
  std::size_t stage(std::span<const std::byte> bytes);
  std::size_t stage_pcm16(std::span<const std::byte> bytes);
  std::size_t stage_whole_samples(std::span<const std::byte> bytes);

  SampleFormat format_;
  StreamResampler resampler_;
  std::array<float, frame_samples(kRenderRateHz)> staged_{};  // at the client's rate
  std::size_t staged_begin_ = 0;
  std::size_t staged_end_ = 0;
  std::byte low_byte_{};  // the first half of a sample whose second half has not come
  bool has_low_byte_ = false;
};

}  // namespace antiphon::audio
