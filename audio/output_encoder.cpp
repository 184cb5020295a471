#include "audio/output_encoder.h"

#include <cassert>
#include <cstdint>

#include "audio/g711.h"
#include "audio/pcm16.h"

namespace antiphon::audio {

OutputEncoder::OutputEncoder(SampleFormat format)
    : format_(format), resampler_(kRenderRateHz, rate_hz(format), StreamResampler::Alignment::kDelayed) {}

std::span<const std::byte> OutputEncoder::encode(const RenderFrame& frame) {
  if (format_ == SampleFormat::kPcm16) {
    for (std::size_t i = 0; i < frame.size(); ++i) {
      const auto value = static_cast<std::uint16_t>(pcm16_from_float(frame[i]));
      bytes_[2 * i] = static_cast<std::byte>(value & 0xFF);
      bytes_[2 * i + 1] = static_cast<std::byte>(value >> 8);
    }
    return bytes_;
  }
  const Progress step = resampler_.process(frame, telephone_);
  assert(step.read == frame.size() && step.written == telephone_.size());
  const auto encode_sample = format_ == SampleFormat::kPcmu ? &mulaw_from_pcm16 : &alaw_from_pcm16;
  for (std::size_t i = 0; i < telephone_.size(); ++i) {
    bytes_[i] = static_cast<std::byte>(encode_sample(pcm16_from_float(telephone_[i])));
  }
  return std::span(bytes_).first(telephone_.size());
}

void OutputEncoder::reset() {
  resampler_.reset();
}

}  // namespace antiphon::audio
