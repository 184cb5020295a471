#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/frame.h"
#include "pipeline/turns/turn_time.h"

namespace antiphon::pipeline {

// The latest of what the user has sent, 16 kHz mono, addressed by the audio clock: what recognition reads
// from.
//
// Owner:    one session, on its media worker.
// Memory:   a ring of `kept` in the constructor; append() never allocates, copy() allocates its result.
// Overload: what is older than `kept` is forgotten; copy() leaves it out.
class UserAudio {
 public:
  explicit UserAudio(turns::AudioTime kept);

  void append(std::span<const float> samples);

  // The samples from `begin` to `end`, as far as they are here.
  std::vector<float> copy(turns::AudioTime begin, turns::AudioTime end) const;

  // The end of what was appended, rounded down to whole milliseconds.
  turns::AudioTime end() const { return turns::AudioTime(total_samples_ / kSamplesPerMillisecond); }

 private:
  static constexpr std::int64_t kSamplesPerMillisecond = audio::kCaptureRateHz / 1000;

  std::vector<float> ring_;
  std::int64_t total_samples_ = 0;  // ever appended
};

}  // namespace antiphon::pipeline
