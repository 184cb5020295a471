#include "pipeline/runtime/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <chrono>
#include <cmath>
#include <numeric>

namespace antiphon::pipeline {
namespace {

constexpr std::uint64_t kSubBuckets = 32;  // of each doubling, and 1 us buckets before the first
constexpr int kSubBucketBits = 5;
static_assert(std::uint64_t{1} << kSubBucketBits == kSubBuckets);

}  // namespace

std::size_t latency_bucket(Duration latency) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  if (count <= 0) return 0;
  const auto us = static_cast<std::uint64_t>(count);
  if (us < kSubBuckets) return us;
  const int shift =
      std::bit_width(us) - 1 - kSubBucketBits;  // of these many low bits the bucket knows nothing
  const std::uint64_t bucket = kSubBuckets * static_cast<std::uint64_t>(shift) + (us >> shift);
  return std::min<std::uint64_t>(bucket, kLatencyBuckets - 1);
}

Duration latency_bucket_end(std::size_t bucket) {
  assert(bucket < kLatencyBuckets);
  const std::uint64_t next = bucket + 1;
  if (next <= 2 * kSubBuckets) return std::chrono::microseconds(next);
  const std::uint64_t shift = next / kSubBuckets - 1;
  return std::chrono::microseconds((kSubBuckets + next % kSubBuckets) << shift);
}

std::uint64_t LatencySnapshot::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

Duration LatencySnapshot::quantile(double part) const {
  assert(part >= 0 && part <= 1);
  const std::uint64_t total = count();
  if (total == 0) return Duration::zero();
  const auto rank =
      std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(total))));
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket < kLatencyBuckets; ++bucket) {
    below += buckets[bucket];
    if (below >= rank) return bucket + 1 < kLatencyBuckets ? std::min(latency_bucket_end(bucket), max) : max;
  }
  return max;
}

void LatencySnapshot::merge(const LatencySnapshot& other) {
  for (std::size_t i = 0; i < kLatencyBuckets; ++i) buckets[i] += other.buckets[i];
  sum += other.sum;
  max = std::max(max, other.max);
}

// Relaxed throughout: one thread writes, and a reader asks for counts, not for an order between them.
void LatencyHistogram::record(Duration latency) noexcept {
  const Duration counted = std::max(latency, Duration::zero());
  std::atomic<std::uint64_t>& bucket = buckets_[latency_bucket(counted)];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  sum_ns_.store(sum_ns_.load(std::memory_order_relaxed) + counted.count(), std::memory_order_relaxed);
  if (counted.count() > max_ns_.load(std::memory_order_relaxed)) {
    max_ns_.store(counted.count(), std::memory_order_relaxed);
  }
}

LatencySnapshot LatencyHistogram::snapshot() const {
  LatencySnapshot copy;
  for (std::size_t i = 0; i < kLatencyBuckets; ++i) {
    copy.buckets[i] = buckets_[i].load(std::memory_order_relaxed);
  }
  copy.sum = Duration(sum_ns_.load(std::memory_order_relaxed));
  copy.max = Duration(max_ns_.load(std::memory_order_relaxed));
  return copy;
}

}  // namespace antiphon::pipeline
