#include "pipeline/session/user_audio.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline {

UserAudio::UserAudio(turns::AudioTime kept)
    : ring_(static_cast<std::size_t>(kept.count() * kSamplesPerMillisecond)) {
  assert(!ring_.empty());
}

void UserAudio::append(std::span<const float> samples) {
  while (!samples.empty()) {
    const auto at = static_cast<std::size_t>(total_samples_ % std::ssize(ring_));
    const std::size_t count = std::min(samples.size(), ring_.size() - at);
    std::copy_n(samples.begin(), count, ring_.begin() + static_cast<std::ptrdiff_t>(at));
    samples = samples.subspan(count);
    total_samples_ += static_cast<std::int64_t>(count);
  }
}

std::vector<float> UserAudio::copy(turns::AudioTime begin, turns::AudioTime end) const {
  const auto size = std::ssize(ring_);
  const std::int64_t oldest = std::max<std::int64_t>(0, total_samples_ - size);
  const std::int64_t first = std::max(oldest, begin.count() * kSamplesPerMillisecond);
  const std::int64_t last = std::min(total_samples_, end.count() * kSamplesPerMillisecond);
  std::vector<float> samples;
  if (first >= last) return samples;
  samples.reserve(static_cast<std::size_t>(last - first));
  for (std::int64_t at = first; at < last; ++at)
    samples.push_back(ring_[static_cast<std::size_t>(at % size)]);
  return samples;
}

}  // namespace antiphon::pipeline
