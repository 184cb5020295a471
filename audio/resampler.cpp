#include "audio/resampler.h"

#include "audio/recording_resampler.h"

namespace antiphon::audio {

std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz) {
  RecordingResampler resampler(from_hz, to_hz);
  std::vector<float> out = resampler.push(samples);
  const std::vector<float> rest = resampler.finish();
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

}  // namespace antiphon::audio
