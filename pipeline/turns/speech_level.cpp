#include "pipeline/turns/speech_level.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline::turns {
namespace {

constexpr AudioTime kBlock{8};
constexpr std::size_t kBlockSamples = 128;
constexpr float kQuiet = 6.3e-4F;  // -32 dB of a mean square
constexpr float kFade = 0.9977F;   // for each block: 10 dB in 8 s
// A block of noise strays from its mean by an eighth, so that even the loudest of a pause stays well below
// this; a voice that sets in rises above it at once.
constexpr float kLouder = 2.0F;

float mean_square(std::span<const float> samples) {
  float sum = 0;
  for (const float sample : samples) sum += sample * sample;
  return sum / static_cast<float>(samples.size());
}

}  // namespace

AudioTime SpeechLevel::add(std::span<const float> samples) {
  assert(samples.size() % kBlockSamples == 0);
  float loudest = 0;
  for (; !samples.empty(); samples = samples.subspan(kBlockSamples)) {
    const float mean = mean_square(samples.first(kBlockSamples));
    loudest = std::max(loudest, mean);
    loudest_ = std::max(mean, loudest_ * kFade);
    quiet_ = mean < loudest_ * kQuiet ? std::min(quiet_ + kBlock, kQuietMax) : AudioTime(0);
  }
  loudest_of_window_[windows_++ % kWindowsKept] = loudest;
  return quiet_;
}

bool SpeechLevel::goes_on_in(std::span<const float> samples, AudioTime silence) const {
  const auto in_pause = static_cast<std::size_t>(silence / kWindow);
  float limit = loudest_ * kQuiet;
  for (std::size_t back = 1; back <= std::min({in_pause, kWindowsKept, windows_}); ++back) {
    limit = std::max(limit, kLouder * loudest_of_window_[(windows_ - back) % kWindowsKept]);
  }
  while (!samples.empty()) {
    const std::size_t block = std::min(samples.size(), kBlockSamples);
    if (mean_square(samples.first(block)) > limit) return false;
    samples = samples.subspan(block);
  }
  return true;
}

}  // namespace antiphon::pipeline::turns
