#include "audio/resampler.h"

#include <speex/speex_resampler.h>

#include <cassert>
#include <memory>
#include <new>

namespace antiphon::audio {

std::vector<float> resample(std::span<const float> samples, int from_hz, int to_hz) {
  constexpr int kQuality = 7;
  assert(from_hz > 0 && to_hz > 0);
  const std::unique_ptr<SpeexResamplerState, void (*)(SpeexResamplerState*)> state(
      speex_resampler_init(1, static_cast<spx_uint32_t>(from_hz), static_cast<spx_uint32_t>(to_hz), kQuality,
                           nullptr),
      &speex_resampler_destroy);
  if (!state) throw std::bad_alloc();
  speex_resampler_skip_zeros(state.get());
  std::vector<float> padded(samples.begin(), samples.end());
  padded.resize(samples.size() + static_cast<std::size_t>(speex_resampler_get_input_latency(state.get())),
                0.0F);
  std::vector<float> out(samples.size() * static_cast<std::size_t>(to_hz) /
                         static_cast<std::size_t>(from_hz));
  std::size_t read = 0;
  std::size_t written = 0;
  while (read < padded.size() && written < out.size()) {
    auto in_count = static_cast<spx_uint32_t>(padded.size() - read);
    auto out_count = static_cast<spx_uint32_t>(out.size() - written);
    speex_resampler_process_float(state.get(), 0, padded.data() + read, &in_count, out.data() + written,
                                  &out_count);
    if (in_count == 0 && out_count == 0) break;
    read += in_count;
    written += out_count;
  }
  out.resize(written);
  return out;
}

}  // namespace antiphon::audio
