#include "audio/wav_writer.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>

namespace antiphon::audio {
namespace {

constexpr std::uint32_t kSampleBytes = 2;
constexpr std::uint32_t kOpenLength = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t kHeaderBytesInLength = 36;  // of the header, what the first length counts

void append(std::string& bytes, std::uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xff));
}

std::string header(std::uint32_t data_bytes, std::uint32_t rate) {
  std::string bytes = "RIFF";
  append(bytes, data_bytes == kOpenLength ? kOpenLength : kHeaderBytesInLength + data_bytes, 4);
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

std::string pcm16_bytes(std::span<const float> samples) {
  std::string bytes;
  bytes.reserve(samples.size() * kSampleBytes);
  for (const float sample : samples) {
    const long value = std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767.0F);
    append(bytes, static_cast<std::uint32_t>(value), kSampleBytes);
  }
  return bytes;
}

WavWriter::WavWriter(std::ostream& bytes, int sample_rate_hz)
    : bytes_(bytes), sample_rate_hz_(sample_rate_hz) {
  bytes_ << header(kOpenLength, static_cast<std::uint32_t>(sample_rate_hz_));
}

void WavWriter::write(std::span<const float> samples) {
  bytes_ << pcm16_bytes(samples);
  data_bytes_ += samples.size() * kSampleBytes;
}

void WavWriter::finish() {
  if (data_bytes_ > kOpenLength - 1 - kHeaderBytesInLength) return;
  bytes_.seekp(0);
  bytes_ << header(static_cast<std::uint32_t>(data_bytes_), static_cast<std::uint32_t>(sample_rate_hz_));
  bytes_.seekp(0, std::ios::end);
}

void write_wav(const std::filesystem::path& path, std::span<const float> samples, int sample_rate_hz) {
  std::ofstream file(path, std::ios::binary);
  WavWriter wav(file, sample_rate_hz);
  wav.write(samples);
  wav.finish();
  file.close();
  if (!file) throw std::runtime_error("cannot write '" + path.string() + "'");
}

}  // namespace antiphon::audio
