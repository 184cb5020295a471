// The formats in which a client sends and gets audio: mono, one sample after another.
#pragma once

#include <cstddef>
#include <cstdint>

#include "audio/frame.h"

namespace antiphon::audio {

enum class SampleFormat : std::uint8_t {
  kPcm16,  // 24 kHz, 16-bit, little-endian ("audio/pcm")
  kPcmu,   // 8 kHz, G.711 mu-law ("audio/pcmu")
  kPcma,   // 8 kHz, G.711 A-law ("audio/pcma")
};

inline constexpr int kTelephoneRateHz = 8000;

constexpr int rate_hz(SampleFormat format) {
  return format == SampleFormat::kPcm16 ? kRenderRateHz : kTelephoneRateHz;
}

constexpr std::size_t sample_bytes(SampleFormat format) {
  return format == SampleFormat::kPcm16 ? 2 : 1;
}

constexpr std::size_t frame_bytes(SampleFormat format) {
  return frame_samples(rate_hz(format)) * sample_bytes(format);
}

}  // namespace antiphon::audio
