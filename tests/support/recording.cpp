#include "tests/support/recording.h"

#include <sndfile.h>

#include <memory>
#include <stdexcept>

namespace antiphon::test {

std::vector<float> read_recording(const std::filesystem::path& path) {
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info), &sf_close);
  if (!file || info.channels != 1 || info.samplerate != 16000) {
    throw std::runtime_error("not a mono 16 kHz sound file: " + path.string());
  }
  std::vector<float> samples(static_cast<std::size_t>(info.frames));
  if (sf_readf_float(file.get(), samples.data(), info.frames) != info.frames) {
    throw std::runtime_error("cannot read " + path.string());
  }
  return samples;
}

}  // namespace antiphon::test
