#include "models/synthesis/silence_gate.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace antiphon::models::synthesis {
namespace {

float rms(std::span<const float> samples) {
  float sum = 0.0f;
  for (const float sample : samples) sum += sample * sample;
  return std::sqrt(sum / static_cast<float>(samples.size()));
}

void append(std::vector<float>& out, std::span<const float> samples) {
  out.insert(out.end(), samples.begin(), samples.end());
}

}  // namespace

void SilenceGate::add(std::span<const float, kHop> hop, std::vector<float>& out) {
  const std::int64_t index = next_++;
  const float level = rms(hop);
  if (!started_at_) {
    append(held_, hop);
    if (level < kOnsetRms) {
      if (held_.size() > kRunUpHops * kHop) held_.erase(held_.begin(), held_.begin() + kHop);
      return;
    }
    return start(out);
  }
  if (index >= config_.tail_begins && level < kTailRms) {
    if (!silent_from_) silent_from_ = index;
    return append(held_, hop);
  }
  silent_from_.reset();
  append(out, held_);
  held_.clear();
  append(out, hop);
}

void SilenceGate::start(std::vector<float>& out) {
  started_at_ = next_ - static_cast<std::int64_t>(held_.size() / kHop);
  for (std::size_t i = 0; i < kFadeInSamples; ++i) held_[i] *= static_cast<float>(i) / kFadeInSamples;
  append(out, held_);
  held_.clear();
}

void SilenceGate::finish(std::vector<float>& out) {
  if (!started_at_) return;  // a phrase without a sound gives nothing
  const std::size_t pause = std::min(held_.size(), static_cast<std::size_t>(config_.pause_hops) * kHop);
  const std::size_t fade = std::min<std::size_t>(pause, kFadeOutSamples);
  for (std::size_t i = 0; i < fade; ++i) {
    held_[pause - 1 - i] *= static_cast<float>(i) / static_cast<float>(fade);
  }
  append(out, std::span(held_).first(pause));
  held_.clear();
}

}  // namespace antiphon::models::synthesis
