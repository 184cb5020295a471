#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

#include "audio/wav_reader.h"

// Any bytes are read or refused by a std::runtime_error; every sample is a number in [-1, 1], and there are
// never more than the file announces or has bytes for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream bytes(std::string(reinterpret_cast<const char*>(data), size));
  try {
    antiphon::audio::WavReader wav(bytes, "fuzzed");
    const std::vector<float> samples = wav.read_all();
    if (samples.size() > size) __builtin_trap();
    if (wav.samples_announced() && samples.size() > *wav.samples_announced()) __builtin_trap();
    for (const float sample : samples) {
      if (!(sample >= -1.0F && sample <= 1.0F)) __builtin_trap();
    }
  } catch (const std::runtime_error&) {
    // refused
  }
  return 0;
}
