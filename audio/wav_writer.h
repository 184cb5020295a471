#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <string>

namespace antiphon::audio {

// The bytes of samples as 16-bit PCM, least first; values in [-1, 1], clipped beyond.
std::string pcm16_bytes(std::span<const float> samples);

// Writes a mono WAV file of 16-bit PCM while its samples come.
//
// The header says at first that the length is open, which players and WavReader read as "up to the end"; so a
// pipe needs nothing else, and a file is whole after finish().
//
// Owner:    one thread. `bytes` must outlive the writer.
// Errors:   none here: whether the bytes were taken is in the stream's state.
class WavWriter {
 public:
  WavWriter(std::ostream& bytes, int sample_rate_hz);

  void write(std::span<const float> samples);
  // Puts the length into the header; up to 4 GiB, beyond that it stays open.
  // REQUIRES: a file of the caller's own, at whose beginning the writer was made.
  void finish();

 private:
  std::ostream& bytes_;
  const int sample_rate_hz_;
  std::uint64_t data_bytes_ = 0;
};

// Writes a whole file. Throws std::runtime_error that names it.
void write_wav(const std::filesystem::path& path, std::span<const float> samples, int sample_rate_hz);

}  // namespace antiphon::audio
