#include "tests/support/recording.h"

#include <sndfile.h>

#include <memory>
#include <stdexcept>

namespace antiphon::test {

std::vector<float> read_recording(const std::filesystem::path& path, int sample_rate) {
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, int (*)(SNDFILE*)> file(sf_open(path.c_str(), SFM_READ, &info), sf_close);
  if (!file) throw std::runtime_error(path.string() + ": " + sf_strerror(nullptr));
  if (info.channels != 1 || info.samplerate != sample_rate) {
    throw std::runtime_error(path.string() + ": not mono at " + std::to_string(sample_rate) + " Hz");
  }
  std::vector<float> samples(static_cast<std::size_t>(info.frames));
  if (sf_readf_float(file.get(), samples.data(), info.frames) != info.frames) {
    throw std::runtime_error(path.string() + ": ends early");
  }
  return samples;
}

}  // namespace antiphon::test
