// Latencies in fixed buckets: 1 microsecond wide up to 32 us, then 32 for each doubling, up to 67 s. A
// quantile is exact to one microsecond or 3.2 %, whichever is more.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

inline constexpr std::size_t kLatencyBuckets = 22 * 32;

// The bucket of a latency; negative counts as 0, more than 67 s as the last bucket.
std::size_t latency_bucket(Duration latency);
// The first latency beyond the bucket (the last bucket takes longer ones too).  REQUIRES: bucket <
// kLatencyBuckets.
Duration latency_bucket_end(std::size_t bucket);

// A plain copy, for readers.
struct LatencySnapshot {
  std::array<std::uint64_t, kLatencyBuckets> buckets{};
  Duration sum{};
  Duration max{};

  std::uint64_t count() const;
  // The smallest bucket end that at least this part of the latencies does not exceed, and never more than
  // max; zero if there are none.  REQUIRES: 0 <= part <= 1.
  Duration quantile(double part) const;
  void merge(const LatencySnapshot& other);
};

// Owner:  record(): one writer thread; snapshot(): any thread, also meanwhile.
// Time:   record() is a few loads and stores without a read-modify-write. A snapshot that is taken meanwhile
//         may miss the latency that is being recorded, in some of its fields.
// Memory: about 6 kB inside the object; record() never allocates.
class LatencyHistogram {
 public:
  void record(Duration latency) noexcept;
  LatencySnapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, kLatencyBuckets> buckets_{};
  std::atomic<Duration::rep> sum_ns_ = 0;
  std::atomic<Duration::rep> max_ns_ = 0;
};

}  // namespace antiphon::pipeline
