#include "pipeline/runtime/latency_histogram.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

namespace antiphon::pipeline {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(LatencyHistogram, EachBucketBeginsWhereTheOneBeforeEnds) {
  EXPECT_EQ(latency_bucket(microseconds(-3)), 0U);
  EXPECT_EQ(latency_bucket(nanoseconds(999)), 0U);
  for (std::size_t bucket = 0; bucket + 1 < kLatencyBuckets; ++bucket) {
    const Duration end = latency_bucket_end(bucket);
    ASSERT_EQ(latency_bucket(end - nanoseconds(1)), bucket);
    ASSERT_EQ(latency_bucket(end), bucket + 1);
  }
  EXPECT_EQ(latency_bucket(seconds(3600)), kLatencyBuckets - 1);
}

TEST(LatencyHistogram, BucketsAreNarrow) {
  for (std::size_t bucket = 32; bucket + 1 < kLatencyBuckets; ++bucket) {
    const Duration begin = latency_bucket_end(bucket - 1);
    EXPECT_LE(latency_bucket_end(bucket) - begin, begin / 31);
  }
}

TEST(LatencyHistogram, QuantilesOfKnownLatencies) {
  auto histogram = std::make_unique<LatencyHistogram>();
  EXPECT_EQ(histogram->snapshot().quantile(0.5), Duration::zero());
  for (int i = 1; i <= 1000; ++i) histogram->record(microseconds(i));
  const LatencySnapshot snapshot = histogram->snapshot();
  EXPECT_EQ(snapshot.count(), 1000U);
  EXPECT_EQ(snapshot.sum, microseconds(500500));
  EXPECT_EQ(snapshot.max, microseconds(1000));
  EXPECT_EQ(snapshot.quantile(0.01), microseconds(11)) << "the end of the bucket of 10 us";
  EXPECT_GE(snapshot.quantile(0.5), microseconds(500));
  EXPECT_LE(snapshot.quantile(0.5), microseconds(517));
  EXPECT_GE(snapshot.quantile(0.99), microseconds(990));
  EXPECT_EQ(snapshot.quantile(1), microseconds(1000));
}

TEST(LatencyHistogram, LatenciesBeyondTheLastBucketKeepTheirMaximum) {
  auto histogram = std::make_unique<LatencyHistogram>();
  histogram->record(seconds(500));
  EXPECT_EQ(histogram->snapshot().quantile(0.5), seconds(500));
}

TEST(LatencyHistogram, MergingIsAsIfAllHadGoneIntoOne) {
  auto all = std::make_unique<LatencyHistogram>();
  auto even = std::make_unique<LatencyHistogram>();
  auto odd = std::make_unique<LatencyHistogram>();
  for (int i = 0; i < 500; ++i) {
    all->record(microseconds(i * 7));
    (i % 2 == 0 ? even : odd)->record(microseconds(i * 7));
  }
  LatencySnapshot merged = even->snapshot();
  merged.merge(odd->snapshot());
  const LatencySnapshot expected = all->snapshot();
  EXPECT_EQ(merged.buckets, expected.buckets);
  EXPECT_EQ(merged.sum, expected.sum);
  EXPECT_EQ(merged.max, expected.max);
}

TEST(LatencyHistogram, MayBeReadWhileItIsWritten) {
  auto histogram = std::make_unique<LatencyHistogram>();
  std::thread writer([&] {
    for (int i = 0; i < 20000; ++i) histogram->record(microseconds(i % 100));
  });
  std::uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t count = histogram->snapshot().count();
    EXPECT_GE(count, last);
    last = count;
  }
  writer.join();
  EXPECT_EQ(histogram->snapshot().count(), 20000U);
}

}  // namespace
}  // namespace antiphon::pipeline
