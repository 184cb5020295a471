#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace antiphon::audio {

// How a WAV file keeps one sample of one channel.
enum class WavSamples : std::uint8_t { kUnsigned8, kSigned16, kSigned24, kSigned32, kFloat32, kFloat64 };

struct WavFormat {
  int sample_rate_hz = 0;
  int channels = 0;
  WavSamples samples = WavSamples::kSigned16;
};

// Reads a WAV file (RIFF, RF64, BW64; integers or floats; any number of channels) as mono, piece by piece.
//
// Bytes that come through a pipe may lack a length, as their writer did not know it: they are read to their
// end.
//
// Owner:    one thread. `bytes` must outlive the reader and is used by nobody else.
// Memory:   a buffer of 64 KB, whatever the file says.
// Errors:   the constructor throws std::runtime_error that names the file and the field. After it, a file
//           that ends before its announced length gives the samples that it has, and ended_early().
class WavReader {
 public:
  static constexpr int kSampleRateMin = 1000;
  static constexpr int kSampleRateMax = 768'000;
  static constexpr int kChannelsMax = 256;

  // Reads up to the first sample. `name`: of the file, for messages.
  WavReader(std::istream& bytes, std::string name);

  const WavFormat& format() const { return format_; }
  // How many mono samples the file says it has; none if its length is open.
  std::optional<std::uint64_t> samples_announced() const { return samples_announced_; }

  // The next samples, the mean of the channels, in [-1, 1]; what is not a number counts as 0. Returns how
  // many; fewer than asked for, only at the end.
  std::size_t read(std::span<float> samples);
  // Everything that is left.
  std::vector<float> read_all();

  // Whether read() met the end before the announced length.
  bool ended_early() const { return ended_early_; }

 private:
  [[noreturn]] void refuse(const std::string& why) const;
  bool read_exactly(std::span<unsigned char> out);
  void skip(std::uint64_t count);
  void read_format(std::uint32_t chunk_bytes);
  void set_length(std::uint32_t riff_bytes, std::uint32_t data_bytes, std::optional<std::uint64_t> long_size);

  std::istream& bytes_;
  const std::string name_;
  WavFormat format_;
  std::size_t block_bytes_ = 0;  // one sample of each channel
  std::optional<std::uint64_t> samples_announced_;
  std::uint64_t samples_read_ = 0;
  std::vector<unsigned char> buffer_;
  bool ended_early_ = false;
};

}  // namespace antiphon::audio
