#include "audio/resampler.h"

#include <cassert>
#include <cstddef>

#include "audio/stream_resampler.h"

namespace antiphon::audio {

std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz) {
  assert(from_hz > 0 && to_hz > 0);
  StreamResampler resampler(from_hz, to_hz, StreamResampler::Alignment::kInPlace);
  std::vector<float> out(samples.size() * static_cast<std::size_t>(to_hz) /
                         static_cast<std::size_t>(from_hz));
  const std::size_t written = resampler.process(samples, out).written;
  const std::vector<float> silence(resampler.delay_samples() + 1, 0.0F);
  const Progress tail = resampler.process(silence, std::span(out).subspan(written));
  out.resize(written + tail.written);
  return out;
}

}  // namespace antiphon::audio
