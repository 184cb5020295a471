#include "audio/recording_resampler.h"

#include <speex/speex_resampler.h>

#include <cassert>
#include <new>

namespace antiphon::audio {

struct RecordingResampler::Filter {
  std::unique_ptr<SpeexResamplerState, void (*)(SpeexResamplerState*)> state;
};

void RecordingResampler::FilterDeleter::operator()(Filter* filter) const {
  delete filter;
}

RecordingResampler::RecordingResampler(int from_hz, int to_hz) : from_hz_(from_hz), to_hz_(to_hz) {
  constexpr int kQuality = 7;
  assert(from_hz > 0 && to_hz > 0);
  if (from_hz == to_hz) return;
  filter_.reset(new Filter{{speex_resampler_init(1, static_cast<spx_uint32_t>(from_hz),
                                                 static_cast<spx_uint32_t>(to_hz), kQuality, nullptr),
                            &speex_resampler_destroy}});
  if (!filter_->state) throw std::bad_alloc();
  speex_resampler_skip_zeros(filter_->state.get());
}

std::vector<float> RecordingResampler::push(std::span<const float> samples) {
  constexpr std::uint64_t kRounding = 2;  // output may be due that earlier input was too little for
  if (!filter_) return {samples.begin(), samples.end()};
  samples_in_ += samples.size();
  return convert(samples, due_for(samples.size()) + kRounding);
}

std::vector<float> RecordingResampler::finish() {
  if (!filter_) return {};
  const auto held = static_cast<std::size_t>(speex_resampler_get_input_latency(filter_->state.get()));
  return convert(std::vector<float>(held, 0.0F), due_for(samples_in_) - samples_out_);
}

std::uint64_t RecordingResampler::due_for(std::uint64_t samples_in) const {
  return samples_in * static_cast<std::uint64_t>(to_hz_) / static_cast<std::uint64_t>(from_hz_);
}

std::vector<float> RecordingResampler::convert(std::span<const float> samples, std::uint64_t count_max) {
  std::vector<float> out(count_max);
  std::size_t read = 0;
  std::size_t written = 0;
  while (read < samples.size() && written < out.size()) {
    auto in_count = static_cast<spx_uint32_t>(samples.size() - read);
    auto out_count = static_cast<spx_uint32_t>(out.size() - written);
    speex_resampler_process_float(filter_->state.get(), 0, samples.data() + read, &in_count,
                                  out.data() + written, &out_count);
    if (in_count == 0 && out_count == 0) break;
    read += in_count;
    written += out_count;
  }
  out.resize(written);
  samples_out_ += written;
  return out;
}

}  // namespace antiphon::audio
