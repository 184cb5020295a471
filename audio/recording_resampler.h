#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/stream_resampler.h"

namespace antiphon::audio {

// A mono recording at another sample rate, piece by piece. The filter's delay is removed: all pieces together
// are in time with the recording, and as long.
//
// Owner:  one thread.
// Memory: the filter's (well under 1 MB), and what push() returns.
class RecordingResampler {
 public:
  // REQUIRES: both rates > 0. Throws std::bad_alloc only.
  RecordingResampler(int from_hz, int to_hz);

  // What became certain by these samples; the filter holds some back.
  std::vector<float> push(std::span<const float> samples);
  // The rest. Call it once, after the last push().
  std::vector<float> finish();

 private:
  std::uint64_t due_for(std::uint64_t samples_in) const;
  std::vector<float> convert(std::span<const float> samples, std::uint64_t count_max);

  const int from_hz_;
  const int to_hz_;
  StreamResampler filter_;
  std::uint64_t samples_in_ = 0;
  std::uint64_t samples_out_ = 0;
};

}  // namespace antiphon::audio
