#include "audio/playout_buffer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace antiphon::audio {

PlayoutBuffer::PlayoutBuffer(std::chrono::milliseconds capacity)
    : ring_(static_cast<std::size_t>(capacity.count() * kRenderRateHz / 1000)) {
  assert(capacity >= kFrameDuration);
}

std::size_t PlayoutBuffer::push(std::span<const float> samples) {
  if (ended_) return 0;
  const std::size_t count = std::min(samples.size(), room_samples());
  const std::size_t write = (read_ + size_) % ring_.size();
  const std::size_t before_wrap = std::min(count, ring_.size() - write);
  std::copy_n(samples.begin(), before_wrap, ring_.begin() + static_cast<std::ptrdiff_t>(write));
  std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(before_wrap), count - before_wrap, ring_.begin());
  size_ += count;
  return count;
}

void PlayoutBuffer::end() {
  ended_ = true;
}

void PlayoutBuffer::interrupt() {
  size_ = std::min(size_, kFadeSamples);
  ended_ = true;
  fade_out();
}

// Half a period of a cosine: no step at either end, neither in the signal nor in its slope.
void PlayoutBuffer::fade_out() {
  for (std::size_t i = 0; i < size_; ++i) {
    const double phase = std::numbers::pi * static_cast<double>(i + 1) / static_cast<double>(size_);
    ring_[(read_ + i) % ring_.size()] *= static_cast<float>(0.5 + 0.5 * std::cos(phase));
  }
}

PlayoutBuffer::Pop PlayoutBuffer::pop(RenderFrame& frame) {
  if (!has_frame()) {
    if (ended_) return Pop::kEnded;
    ++underruns_;
    return Pop::kUnderrun;
  }
  const std::size_t count = std::min(size_, frame.size());
  const std::size_t before_wrap = std::min(count, ring_.size() - read_);
  std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(read_), before_wrap, frame.begin());
  std::copy_n(ring_.begin(), count - before_wrap, frame.begin() + static_cast<std::ptrdiff_t>(before_wrap));
  std::fill(frame.begin() + static_cast<std::ptrdiff_t>(count), frame.end(), 0.0F);
  read_ = (read_ + count) % ring_.size();
  size_ -= count;
  samples_played_ += static_cast<std::int64_t>(count);
  return Pop::kFrame;
}

void PlayoutBuffer::reset() {
  read_ = 0;
  size_ = 0;
  ended_ = false;
  samples_played_ = 0;
  underruns_ = 0;
}

}  // namespace antiphon::audio
