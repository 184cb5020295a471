#include "audio/wav_writer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace antiphon::audio {
namespace {

void append(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::string header(std::uint32_t data_bytes, std::uint32_t rate) {
  constexpr std::uint32_t kSampleBytes = 2;
  std::string bytes = "RIFF";
  append(bytes, 36 + data_bytes, 4);
  bytes += "WAVEfmt ";
  append(bytes, 16, 4);  // bytes of the format block
  append(bytes, 1, 2);   // PCM
  append(bytes, 1, 2);   // channels
  append(bytes, rate, 4);
  append(bytes, rate * kSampleBytes, 4);
  append(bytes, kSampleBytes, 2);
  append(bytes, 8 * kSampleBytes, 2);
  bytes += "data";
  append(bytes, data_bytes, 4);
  return bytes;
}

}  // namespace

void write_wav(const std::filesystem::path& path, std::span<const float> samples, int sample_rate_hz) {
  std::string bytes =
      header(static_cast<std::uint32_t>(2 * samples.size()), static_cast<std::uint32_t>(sample_rate_hz));
  for (const float sample : samples) {
    const long value = std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767.0F);
    append(bytes, static_cast<std::uint32_t>(value), 2);
  }
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw std::runtime_error("cannot write '" + path.string() + "'");
}

}  // namespace antiphon::audio
