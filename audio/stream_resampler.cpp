#include "audio/stream_resampler.h"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <cassert>
#include <limits>
#include <new>
#include <numeric>
#include <ranges>

namespace antiphon::audio {
namespace {

// An 80-sample filter, longer by the ratio when the rate falls: flat to 0.92 of the lower rate's band.
constexpr int kQuality = 5;

spx_uint32_t bounded_count(std::size_t samples) {
  return static_cast<spx_uint32_t>(std::min<std::size_t>(samples, std::numeric_limits<spx_int32_t>::max()));
}

}  // namespace

void StreamResampler::Destroy::operator()(SpeexResamplerState_* state) const {
  speex_resampler_destroy(state);
}

StreamResampler::StreamResampler(int from_hz, int to_hz, Alignment alignment) : alignment_(alignment) {
  assert(from_hz > 0 && to_hz > 0);
  if (from_hz == to_hz) return;
  state_.reset(speex_resampler_init(1, static_cast<spx_uint32_t>(from_hz), static_cast<spx_uint32_t>(to_hz),
                                    kQuality, nullptr));
  if (!state_) throw std::bad_alloc();
  const auto common = static_cast<std::size_t>(std::gcd(from_hz, to_hz));
  period_ = {static_cast<std::size_t>(from_hz) / common, static_cast<std::size_t>(to_hz) / common};
  history_ = 2 * delay_samples() + 2;
  reset();
}

Progress StreamResampler::process(std::span<const float> in, std::span<float> out) {
  if (!state_) {
    const std::size_t count = std::min(in.size(), out.size());
    std::copy_n(in.begin(), count, out.begin());
    return {count, count};
  }
  const Progress silence = pass_silence(in, out);
  const Progress sound = filter(in.subspan(silence.read), out.subspan(silence.written));
  return {silence.read + sound.read, silence.written + sound.written};
}

// Whole periods of silence after silence: the filter is as before, and its output is 0.
Progress StreamResampler::pass_silence(std::span<const float> in, std::span<float> out) {
  if (silent_samples_ < history_) return {};
  const auto sound = std::ranges::find_if(in, [](float sample) { return sample != 0; });
  const auto silent = static_cast<std::size_t>(sound - in.begin());
  const std::size_t periods = std::min(silent / period_.read, out.size() / period_.written);
  std::ranges::fill(out.first(periods * period_.written), 0.0F);
  return {periods * period_.read, periods * period_.written};
}

Progress StreamResampler::filter(std::span<const float> in, std::span<float> out) {
  Progress total;
  while (total.read < in.size() && total.written < out.size()) {
    spx_uint32_t read = bounded_count(in.size() - total.read);
    spx_uint32_t written = bounded_count(out.size() - total.written);
    speex_resampler_process_float(state_.get(), 0, in.data() + total.read, &read, out.data() + total.written,
                                  &written);
    if (read == 0 && written == 0) break;
    total.read += read;
    total.written += written;
  }
  const auto filtered = std::views::reverse(in.first(total.read));
  const auto sound = std::ranges::find_if(filtered, [](float sample) { return sample != 0; });
  const auto silent = static_cast<std::size_t>(sound - filtered.begin());
  silent_samples_ = sound == filtered.end() ? std::min(silent_samples_ + silent, history_) : silent;
  return total;
}

void StreamResampler::reset() {
  if (!state_) return;
  silent_samples_ = 0;
  speex_resampler_reset_mem(state_.get());
  if (alignment_ == Alignment::kInPlace) speex_resampler_skip_zeros(state_.get());
}

std::size_t StreamResampler::delay_samples() const {
  return state_ ? static_cast<std::size_t>(speex_resampler_get_input_latency(state_.get())) : 0;
}

}  // namespace antiphon::audio
