#include "audio/recording_resampler.h"

#include <algorithm>
#include <cassert>

namespace antiphon::audio {

RecordingResampler::RecordingResampler(int from_hz, int to_hz)
    : from_hz_(from_hz), to_hz_(to_hz), filter_(from_hz, to_hz, StreamResampler::Alignment::kInPlace) {
  assert(from_hz > 0 && to_hz > 0);
}

std::vector<float> RecordingResampler::push(std::span<const float> samples) {
  constexpr std::uint64_t kRounding = 2;  // output may be due that earlier input was too little for
  samples_in_ += samples.size();
  return convert(samples, due_for(samples.size()) + kRounding);
}

std::vector<float> RecordingResampler::finish() {
  const std::uint64_t due = due_for(samples_in_);
  const std::vector<float> silence(filter_.delay_samples() + 1, 0.0F);
  return convert(silence, due - std::min(due, samples_out_));
}

std::uint64_t RecordingResampler::due_for(std::uint64_t samples_in) const {
  return samples_in * static_cast<std::uint64_t>(to_hz_) / static_cast<std::uint64_t>(from_hz_);
}

std::vector<float> RecordingResampler::convert(std::span<const float> samples, std::uint64_t count_max) {
  std::vector<float> out(count_max);
  out.resize(filter_.process(samples, out).written);
  samples_out_ += out.size();
  return out;
}

}  // namespace antiphon::audio
