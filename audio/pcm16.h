// 16-bit samples and floats in [-1, 1): 32768 steps each way, so that every 16-bit value survives both ways.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace antiphon::audio {

constexpr float float_from_pcm16(std::int16_t sample) {
  return static_cast<float>(sample) / 32768.0F;
}

// Rounds to the nearest step and clips; not a number becomes 0.
inline std::int16_t pcm16_from_float(float sample) {
  if (std::isnan(sample)) return 0;
  return static_cast<std::int16_t>(std::lrint(std::clamp(sample * 32768.0F, -32768.0F, 32767.0F)));
}

// Little-endian, as on the wire; a last odd byte is left out.
inline std::vector<float> floats_from_pcm16(std::span<const std::byte> bytes) {
  std::vector<float> samples(bytes.size() / 2);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto low = std::to_integer<unsigned>(bytes[2 * i]);
    const auto high = std::to_integer<unsigned>(bytes[2 * i + 1]);
    samples[i] = float_from_pcm16(static_cast<std::int16_t>(low | high << 8));
  }
  return samples;
}

}  // namespace antiphon::audio
