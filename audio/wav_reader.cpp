#include "audio/wav_reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace antiphon::audio {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr std::uint32_t kOpenLengthMin = 0x7FFF'0000;  // writers to a pipe put about 2 GiB, or all ones
constexpr std::uint16_t kPcm = 1;
constexpr std::uint16_t kFloat = 3;
constexpr std::uint16_t kExtensible = 0xFFFE;

template <class Integer>
Integer little_endian(const unsigned char* bytes) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i) {
    value = static_cast<Integer>(value | static_cast<Integer>(bytes[i]) << (8 * i));
  }
  return value;
}

std::size_t bytes_of(WavSamples samples) {
  switch (samples) {
    case WavSamples::kUnsigned8:
      return 1;
    case WavSamples::kSigned16:
      return 2;
    case WavSamples::kSigned24:
      return 3;
    case WavSamples::kSigned32:
    case WavSamples::kFloat32:
      return 4;
    case WavSamples::kFloat64:
      return 8;
  }
  return 0;
}

template <WavSamples kSamples>
double value_of(const unsigned char* bytes) {
  if constexpr (kSamples == WavSamples::kUnsigned8) return (*bytes - 128) / 128.0;
  if constexpr (kSamples == WavSamples::kSigned16) {
    return static_cast<std::int16_t>(little_endian<std::uint16_t>(bytes)) / 32768.0;
  }
  if constexpr (kSamples == WavSamples::kSigned24) {
    const auto high = static_cast<std::int8_t>(bytes[2]);
    return (high * 65536 + little_endian<std::uint16_t>(bytes)) / 8388608.0;
  }
  if constexpr (kSamples == WavSamples::kSigned32) {
    return static_cast<std::int32_t>(little_endian<std::uint32_t>(bytes)) / 2147483648.0;
  }
  if constexpr (kSamples == WavSamples::kFloat32) {
    return std::bit_cast<float>(little_endian<std::uint32_t>(bytes));
  }
  if constexpr (kSamples == WavSamples::kFloat64) {
    return std::bit_cast<double>(little_endian<std::uint64_t>(bytes));
  }
}

template <WavSamples kSamples>
void mix(const unsigned char* bytes, int channels, std::span<float> out) {
  const std::size_t sample_bytes = bytes_of(kSamples);
  for (float& mixed : out) {
    double sum = 0;
    for (int channel = 0; channel < channels; ++channel, bytes += sample_bytes)
      sum += value_of<kSamples>(bytes);
    mixed = std::isfinite(sum) ? static_cast<float>(std::clamp(sum / channels, -1.0, 1.0)) : 0.0F;
  }
}

void mix(const WavFormat& format, const unsigned char* bytes, std::span<float> out) {
  switch (format.samples) {
    case WavSamples::kUnsigned8:
      return mix<WavSamples::kUnsigned8>(bytes, format.channels, out);
    case WavSamples::kSigned16:
      return mix<WavSamples::kSigned16>(bytes, format.channels, out);
    case WavSamples::kSigned24:
      return mix<WavSamples::kSigned24>(bytes, format.channels, out);
    case WavSamples::kSigned32:
      return mix<WavSamples::kSigned32>(bytes, format.channels, out);
    case WavSamples::kFloat32:
      return mix<WavSamples::kFloat32>(bytes, format.channels, out);
    case WavSamples::kFloat64:
      return mix<WavSamples::kFloat64>(bytes, format.channels, out);
  }
}

std::optional<WavSamples> samples_of(std::uint16_t encoding, int bits) {
  if (encoding == kPcm && bits == 8) return WavSamples::kUnsigned8;
  if (encoding == kPcm && bits == 16) return WavSamples::kSigned16;
  if (encoding == kPcm && bits == 24) return WavSamples::kSigned24;
  if (encoding == kPcm && bits == 32) return WavSamples::kSigned32;
  if (encoding == kFloat && bits == 32) return WavSamples::kFloat32;
  if (encoding == kFloat && bits == 64) return WavSamples::kFloat64;
  return std::nullopt;
}

std::string_view text(std::span<const unsigned char> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

WavReader::WavReader(std::istream& bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  std::array<unsigned char, 12> head{};
  if (!read_exactly(head)) refuse("is no WAV file: it has fewer than 12 bytes");
  const std::string_view form = text(head).substr(0, 4);
  const bool is_long = form == "RF64" || form == "BW64";
  if ((form != "RIFF" && !is_long) || text(head).substr(8) != "WAVE") refuse("is no WAV file");
  std::optional<std::uint64_t> long_size;
  for (std::array<unsigned char, 8> chunk{}; read_exactly(chunk);) {
    const std::string_view id = text(chunk).substr(0, 4);
    const auto size = little_endian<std::uint32_t>(&chunk[4]);
    if (id == "data") {
      if (format_.channels == 0) refuse("has its sound before its format ('fmt ')");
      set_length(little_endian<std::uint32_t>(&head[4]), size, long_size);
      buffer_.resize(std::max(kBufferBytes / block_bytes_, std::size_t{1}) * block_bytes_);
      return;
    }
    std::uint64_t left = std::uint64_t{size} + size % 2;  // chunks begin at even places
    if (id == "fmt ") {
      read_format(size);
      left = size % 2;
    } else if (id == "ds64" && is_long && size >= 28) {
      std::array<unsigned char, 16> sizes{};
      if (!read_exactly(sizes)) break;
      long_size = little_endian<std::uint64_t>(&sizes[8]);
      left -= sizes.size();
    }
    skip(left);
  }
  refuse(format_.channels == 0 ? "ends before its format ('fmt ')" : "ends before its sound ('data')");
}

void WavReader::refuse(const std::string& why) const {
  throw std::runtime_error("'" + name_ + "' " + why);
}

bool WavReader::read_exactly(std::span<unsigned char> out) {
  bytes_.read(reinterpret_cast<char*>(out.data()), static_cast<std::streamsize>(out.size()));
  return static_cast<std::size_t>(bytes_.gcount()) == out.size();
}

void WavReader::skip(std::uint64_t count) {
  if (count > 0) bytes_.ignore(static_cast<std::streamsize>(count));
}

void WavReader::read_format(std::uint32_t chunk_bytes) {
  std::array<unsigned char, 40> fields{};
  const auto count = std::min<std::size_t>(chunk_bytes, fields.size());
  if (count < 16) refuse("has a format ('fmt ') of fewer than 16 bytes");
  if (!read_exactly(std::span(fields).first(count))) refuse("ends within its format ('fmt ')");
  skip(chunk_bytes - count);
  auto encoding = little_endian<std::uint16_t>(fields.data());
  const int channels = little_endian<std::uint16_t>(&fields[2]);
  const auto rate = little_endian<std::uint32_t>(&fields[4]);
  const auto block = little_endian<std::uint16_t>(&fields[12]);
  const int bits = little_endian<std::uint16_t>(&fields[14]);
  if (encoding == kExtensible && count >= fields.size()) encoding = little_endian<std::uint16_t>(&fields[24]);
  const std::optional<WavSamples> samples = samples_of(encoding, bits);
  if (!samples) {
    refuse("has samples of a kind that is not read: encoding " + std::to_string(encoding) + " with " +
           std::to_string(bits) + " bits; known are integers (1) of 8, 16, 24, 32 bits and floats (3)");
  }
  if (channels < 1 || channels > kChannelsMax) refuse("says " + std::to_string(channels) + " channels");
  if (rate < kSampleRateMin || rate > kSampleRateMax) {
    refuse("says a sample rate of " + std::to_string(rate) + " Hz; " + std::to_string(kSampleRateMin) +
           " to " + std::to_string(kSampleRateMax) + " are read");
  }
  block_bytes_ = bytes_of(*samples) * static_cast<std::size_t>(channels);
  if (block != block_bytes_) {
    refuse("says " + std::to_string(block) + " bytes a sample of all channels (block align) where its " +
           std::to_string(channels) + " channels of " + std::to_string(bits) + " bits have " +
           std::to_string(block_bytes_));
  }
  format_ = {static_cast<int>(rate), channels, *samples};
}

void WavReader::set_length(std::uint32_t riff_bytes, std::uint32_t data_bytes,
                           std::optional<std::uint64_t> long_size) {
  const bool never_finished = riff_bytes == 0 && data_bytes == 0;
  if (long_size && data_bytes == std::numeric_limits<std::uint32_t>::max()) {
    samples_announced_ = *long_size / block_bytes_;
  } else if (data_bytes < kOpenLengthMin && !never_finished) {
    samples_announced_ = data_bytes / block_bytes_;
  }
}

std::size_t WavReader::read(std::span<float> samples) {
  std::size_t done = 0;
  while (done < samples.size() && !ended_early_) {
    std::uint64_t count = std::min(samples.size() - done, buffer_.size() / block_bytes_);
    if (samples_announced_) count = std::min(count, *samples_announced_ - samples_read_);
    if (count == 0) break;
    bytes_.read(reinterpret_cast<char*>(buffer_.data()), static_cast<std::streamsize>(count * block_bytes_));
    const std::size_t found = static_cast<std::size_t>(bytes_.gcount()) / block_bytes_;
    mix(format_, buffer_.data(), samples.subspan(done, found));
    done += found;
    samples_read_ += found;
    if (found == count) continue;
    ended_early_ = samples_announced_.has_value();
    break;
  }
  return done;
}

std::vector<float> WavReader::read_all() {
  std::vector<float> all;
  std::vector<float> piece(kBufferBytes);
  while (const std::size_t count = read(piece)) {
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return all;
}

}  // namespace antiphon::audio
