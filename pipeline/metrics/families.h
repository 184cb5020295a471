#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "pipeline/runtime/latency_histogram.h"

namespace antiphon::pipeline {

// Upper bounds in seconds. Turns: around what a listener notices. Steps and ticks: around 15 and 2 ms.
inline constexpr std::array kTurnBounds = {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6,
                                           0.7,  0.8, 1.0,  1.2, 1.5,  2.0, 3.0,  4.0, 8.0};
inline constexpr std::array kStepBounds = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
                                           0.015,  0.02,   0.03,   0.05,  0.1,   0.2,   0.5};

// Metric families while they are put together.
class Families {
 public:
  // The metrics that follow belong to it.
  void begin(const char* name, prometheus::MetricType type, const char* help) {
    all_.push_back({name, help, type, {}});
  }
  void count(std::uint64_t value, const char* label = nullptr, const char* label_value = nullptr) {
    add(label, label_value).counter.value = static_cast<double>(value);
  }
  void gauge(std::size_t value, const char* label = nullptr, const char* label_value = nullptr) {
    add(label, label_value).gauge.value = static_cast<double>(value);
  }
  void value(double value, const char* label = nullptr, const char* label_value = nullptr) {
    add(label, label_value).gauge.value = value;
  }
  template <std::size_t kBounds>
  void histogram(const LatencySnapshot& times, const std::array<double, kBounds>& bounds,
                 const char* label = nullptr, const char* label_value = nullptr) {
    prometheus::ClientMetric::Histogram& out = add(label, label_value).histogram;
    std::size_t bucket = 0;
    for (const double bound : bounds) {
      while (bucket < kLatencyBuckets && seconds(latency_bucket_end(bucket)) <= bound) {
        out.sample_count += times.buckets[bucket++];
      }
      out.bucket.push_back({out.sample_count, bound});
    }
    out.sample_count = times.count();
    out.sample_sum = seconds(times.sum);
    out.bucket.push_back({out.sample_count, std::numeric_limits<double>::infinity()});
  }

  std::vector<prometheus::MetricFamily> take() { return std::move(all_); }

 private:
  static double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
  prometheus::ClientMetric& add(const char* label, const char* label_value) {
    prometheus::ClientMetric metric;
    if (label != nullptr) metric.label.push_back({label, label_value});
    all_.back().metric.push_back(std::move(metric));
    return all_.back().metric.back();
  }

  std::vector<prometheus::MetricFamily> all_;
};

}  // namespace antiphon::pipeline
