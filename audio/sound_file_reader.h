#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace antiphon::audio {

// Reads a sound file that lies in memory (WAV, MP3, FLAC, Ogg with Vorbis or Opus) as mono, piece by piece,
// through libsndfile.
//
// Owner:  one thread at a time.
// Memory: the file, and the library's buffers (well under 1 MB).
// Errors: the constructor throws std::runtime_error that says what is wrong with the bytes. Damage further
//         inside ends the sound there.
class SoundFileReader {
 public:
  static constexpr int kSampleRateMin = 4000;
  static constexpr int kSampleRateMax = 192'000;
  static constexpr int kChannelsMax = 16;

  explicit SoundFileReader(std::string bytes);
  ~SoundFileReader();
  SoundFileReader(SoundFileReader&&) noexcept;
  SoundFileReader& operator=(SoundFileReader&&) = delete;

  int sample_rate_hz() const;
  // The next samples, the mean of the channels, in [-1, 1]; what is not a number counts as 0. Returns how
  // many; fewer than asked for, only at the end.
  std::size_t read(std::span<float> samples);

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace antiphon::audio
