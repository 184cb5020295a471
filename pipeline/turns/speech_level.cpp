#include "pipeline/turns/speech_level.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline::turns {
namespace {

constexpr AudioTime kBlock{8};
constexpr std::size_t kBlockSamples = 128;
constexpr float kQuiet = 6.3e-4F;  // -32 dB of a mean square
constexpr float kFade = 0.9977F;   // for each block: 10 dB in 8 s

}  // namespace

AudioTime SpeechLevel::add(std::span<const float> samples) {
  assert(samples.size() % kBlockSamples == 0);
  for (; !samples.empty(); samples = samples.subspan(kBlockSamples)) {
    float sum = 0;
    for (const float sample : samples.first(kBlockSamples)) sum += sample * sample;
    const float mean = sum / static_cast<float>(kBlockSamples);
    loudest_ = std::max(mean, loudest_ * kFade);
    quiet_ = mean < loudest_ * kQuiet ? std::min(quiet_ + kBlock, kQuietMax) : AudioTime(0);
  }
  return quiet_;
}

}  // namespace antiphon::pipeline::turns
