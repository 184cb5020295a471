// Mono sound as the bytes of a file that can be played while it comes.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace antiphon::audio {

enum class SoundFormat : std::uint8_t {
  kPcm16,  // bare samples, least byte first
  kWav,    // of 16 bits, its length left open
  kMp3,
  kFlac,
  kOggOpus,
};

// Owner:  one thread at a time.
// Time:   per second of 24 kHz sound about 10 ms with Opus and MP3, under 1 ms with the others.
// Memory: the encoder's (well under 1 MB) and what it returns.
class SoundEncoder {
 public:
  virtual ~SoundEncoder() = default;

  // The bytes that became certain by these samples, in [-1, 1]; perhaps none.
  virtual std::string encode(std::span<const float> samples) = 0;
  // The rest. Call it once, after the last encode().
  virtual std::string finish() = 0;
};

// Throws std::runtime_error if the library can't make the format.  REQUIRES: for kOggOpus one of its rates
// (8, 12, 16, 24, 48 kHz).
std::unique_ptr<SoundEncoder> make_sound_encoder(SoundFormat format, int sample_rate_hz);

}  // namespace antiphon::audio
