#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "audio/frame.h"
#include "audio/sample_format.h"
#include "audio/stream_resampler.h"

namespace antiphon::audio {

// Frames at 24 kHz as bytes of the client's format: one frame in, 20 ms of bytes out, always.
//
// Owner:   one session; not thread-safe.
// Memory:  all in the constructor; encode() never allocates.
// Latency: none for kPcm16; 5 ms at 8 kHz, where the last 5 ms of a response stay in the filter.
class OutputEncoder {
 public:
  explicit OutputEncoder(SampleFormat format);

  // frame_bytes(format) bytes, valid until the next call.
  std::span<const std::byte> encode(const RenderFrame& frame);

  // Between two responses: the next frame begins a new stream.
  void reset();

 private:
  SampleFormat format_;
  StreamResampler resampler_;
  std::array<float, frame_samples(kTelephoneRateHz)> telephone_{};
  std::array<std::byte, frame_bytes(SampleFormat::kPcm16)> bytes_{};
};

}  // namespace antiphon::audio
