// Speech at 24 kHz as Opus packets (RFC 6716): one packet is one frame of 20 ms.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "audio/frame.h"

struct OpusEncoder;  // the library's
struct OpusDecoder;

namespace antiphon::audio {

using Pcm16Frame = std::array<std::int16_t, frame_samples(kRenderRateHz)>;

// Owner:  one direction of one connection; not thread-safe.
// Time:   about 0.1 ms a frame.
// Memory: about 30 KiB, in the constructor.
// Delay:  6.5 ms.
class OpusFrameEncoder {
 public:
  static constexpr int kBitsPerSecond = 32'000;  // of speech; silence takes one byte or two a frame
  static constexpr std::size_t kPacketBytesMax = 400;

  // Throws std::runtime_error if the library has no memory.
  OpusFrameEncoder();

  // Valid until the next call; never empty.
  std::span<const std::byte> encode(const Pcm16Frame& frame);

 private:
  struct Destroy {
    void operator()(OpusEncoder* encoder) const;
  };
  std::unique_ptr<OpusEncoder, Destroy> encoder_;
  std::array<std::byte, kPacketBytesMax> packet_{};
};

// Owner, memory: as above. Time: about 0.03 ms a frame.
// Errors: what is damaged is concealed.
class OpusFrameDecoder {
 public:
  // Throws std::runtime_error if the library has no memory.
  OpusFrameDecoder();

  // Whether this looks like one packet of 20 ms.
  static bool is_frame(std::span<const std::byte> packet);

  // Any bytes; none are a frame that is not known.
  Pcm16Frame decode(std::span<const std::byte> packet);
  // What a frame that did not come may have been: the sound goes on a little, and fades.
  Pcm16Frame conceal();

 private:
  struct Destroy {
    void operator()(OpusDecoder* decoder) const;
  };
  std::unique_ptr<OpusDecoder, Destroy> decoder_;
};

}  // namespace antiphon::audio
