#include "audio/input_decoder.h"

#include <algorithm>
#include <cstdint>

#include "audio/g711.h"
#include "audio/pcm16.h"

namespace antiphon::audio {

InputDecoder::InputDecoder(SampleFormat format)
    : format_(format), resampler_(rate_hz(format), kCaptureRateHz, StreamResampler::Alignment::kInPlace) {}

Progress InputDecoder::decode(std::span<const std::byte> bytes, std::span<float> out) {
  Progress total;
  while (total.written < out.size()) {
    if (staged_begin_ == staged_end_) total.read += stage(bytes.subspan(total.read));
    if (staged_begin_ == staged_end_) break;
    const Progress step = resampler_.process(
        std::span(staged_).subspan(staged_begin_, staged_end_ - staged_begin_), out.subspan(total.written));
    staged_begin_ += step.read;
    total.written += step.written;
    if (step.read == 0 && step.written == 0) break;
  }
  return total;
}

// Refills the empty staging area; returns how many bytes were read.
std::size_t InputDecoder::stage(std::span<const std::byte> bytes) {
  staged_begin_ = 0;
  staged_end_ = 0;
  if (format_ == SampleFormat::kPcm16) return stage_pcm16(bytes);
  const auto decode_code = format_ == SampleFormat::kPcmu ? &pcm16_from_mulaw : &pcm16_from_alaw;
  staged_end_ = std::min(bytes.size(), staged_.size());
  for (std::size_t i = 0; i < staged_end_; ++i) {
    staged_[i] = float_from_pcm16(decode_code(std::to_integer<std::uint8_t>(bytes[i])));
  }
  return staged_end_;
}

// As many as fit; without branches, since most messages are nothing else.
std::size_t InputDecoder::stage_whole_samples(std::span<const std::byte> bytes) {
  const std::size_t count = std::min(bytes.size() / 2, staged_.size() - staged_end_);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[2 * i + 1]) << 8 |
                                                  std::to_integer<unsigned>(bytes[2 * i]));
    staged_[staged_end_ + i] = float_from_pcm16(static_cast<std::int16_t>(value));
  }
  staged_end_ += count;
  return 2 * count;
}

std::size_t InputDecoder::stage_pcm16(std::span<const std::byte> bytes) {
  std::size_t read = has_low_byte_ ? 0 : stage_whole_samples(bytes);
  for (; read < bytes.size() && staged_end_ < staged_.size(); ++read) {
    if (!has_low_byte_) {
      low_byte_ = bytes[read];
    } else {
      const auto value = static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[read]) << 8 |
                                                    std::to_integer<unsigned>(low_byte_));
      staged_[staged_end_++] = float_from_pcm16(static_cast<std::int16_t>(value));
    }
    has_low_byte_ = !has_low_byte_;
  }
  return read;
}

}  // namespace antiphon::audio
