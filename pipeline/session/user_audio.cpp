#include "pipeline/session/user_audio.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline {

UserAudio::UserAudio(turns::AudioTime kept)
    : ring_(static_cast<std::size_t>(kept.count() * kSamplesPerMillisecond)) {
  assert(!ring_.empty());
}

void UserAudio::append(std::span<const float> samples) {
  const auto size = std::ssize(ring_);
  for (const float sample : samples) ring_[static_cast<std::size_t>(total_samples_++ % size)] = sample;
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
