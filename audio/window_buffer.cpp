#include "audio/window_buffer.h"

#include <algorithm>
#include <cassert>

namespace antiphon::audio {

WindowBuffer::WindowBuffer(std::size_t window_samples) : window_(window_samples) {
  assert(window_samples > 0);
}

std::size_t WindowBuffer::push(std::span<const float> samples) {
  const std::size_t count = std::min(samples.size(), window_.size() - filled_);
  std::copy_n(samples.begin(), count, window_.begin() + static_cast<std::ptrdiff_t>(filled_));
  filled_ += count;
  return count;
}

}  // namespace antiphon::audio
