#include "models/native/turn_features.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

#include "models/native/mel_filters.h"
#include "models/native/real_fourier.h"
#include "models/native/safe_sample.h"

namespace antiphon::models {
namespace {

constexpr double kVarianceMin = 1e-7;
constexpr double kPowerMin = 1e-10;
constexpr double kDepth = 8;  // the floor below the largest log10

double log_power(double power) {
  return std::log10(std::max(power, kPowerMin));
}

// Where hop h >= -columns lives in a ring.
std::size_t ring(std::int64_t hop, std::size_t size) {
  const auto length = static_cast<std::int64_t>(size);
  return static_cast<std::size_t>((hop + length) % length);
}

}  // namespace

struct TurnFeatures::Tables {
  Tables() : filters(kBands, kWindowSamples, 16000) {
    for (int n = 0; n < kWindowSamples; ++n) {
      const double angle = 2 * std::numbers::pi * n / kWindowSamples;
      window[static_cast<std::size_t>(n)] = 0.5 - 0.5 * std::cos(angle);
      constant_in_bin1 += window[static_cast<std::size_t>(n)] * std::cos(angle);
    }
    for (int band = 0; band < kBands; ++band) {
      assert(filters.weight(band, 0) == 0 && (band < kLowBands || filters.weight(band, 1) == 0));
    }
    for (int band = 0; band < kLowBands; ++band)
      bin1[static_cast<std::size_t>(band)] = filters.weight(band, 1);
    nothing.fill(-std::numeric_limits<float>::infinity());
  }

  std::array<double, kWindowSamples> window;  // periodic Hann
  double constant_in_bin1 = 0;                // the transform of 1 under the window; it is real
  MelFilters filters;
  std::array<double, kLowBands> bin1;  // the weight of bin 1 in the low bands
  RealFourier<DoubleLanes, kWindowSamples> fourier;
  UpperBands nothing;  // logs of a column of zeros
};

const TurnFeatures::Tables& TurnFeatures::tables() {
  static const Tables kTables;
  return kTables;
}

TurnFeatures::TurnFeatures(int columns)
    : columns_(columns),
      moments_(kBufferColumns),
      inner_(kBufferColumns),
      first_(kBufferColumns),
      second_(kBufferColumns),
      upper_logs_(static_cast<std::size_t>(columns)) {
  assert(columns >= 1 && columns <= kColumnsMax);
  (void)tables();
}

void TurnFeatures::reset() {
  hops_ = 0;
  history_.fill(0);
  pending_samples_ = 0;
}

void TurnFeatures::append(std::span<const float> audio) {
  for (const float sample : audio) {
    pending_[pending_samples_++] = safe_sample(sample);
    if (pending_samples_ == kHopSamples) finish_hop();
  }
}

void TurnFeatures::finish_hop() {
  std::shift_left(history_.begin(), history_.end(), kHopSamples);
  std::ranges::copy(pending_, history_.end() - kHopSamples);
  pending_samples_ = 0;
  Moments moments{};
  for (const float sample : pending_) {
    moments.sum += sample;
    moments.squares += double{sample} * double{sample};
  }
  moments_[ring(hops_, kBufferColumns)] = moments;
  ++hops_;

  const float* end = history_.data() + history_.size();
  const float* window = end - 2 * kHopSamples - kWindowSamples / 2;
  const Column inner = transform(window, window)[0];
  inner_[ring(hops_ - 2, kBufferColumns)] = inner.summary;
  upper_logs_[ring(hops_ - 2, upper_logs_.size())] = logs(inner.power);

  const float* beginning = end - 3 * kHopSamples;  // of a buffer, should the question come in 7.97 s
  std::array<float, kWindowSamples> first, second;
  for (int n = 0; n < kWindowSamples; ++n) {
    first[static_cast<std::size_t>(n)] = beginning[std::abs(n - kWindowSamples / 2)];
    second[static_cast<std::size_t>(n)] = beginning[std::abs(n - kWindowSamples / 2 + kHopSamples)];
  }
  const auto edges = transform(first.data(), second.data());
  first_[ring(hops_ - 3, kBufferColumns)] = edges[0].summary;
  second_[ring(hops_ - 3, kBufferColumns)] = edges[1].summary;
}

std::array<TurnFeatures::Column, 2> TurnFeatures::transform(const float* first, const float* second) {
  const Tables& table = tables();
  std::array<DoubleLanes, kWindowSamples> samples;
  for (std::size_t n = 0; n < kWindowSamples; ++n) {
    samples[n] = DoubleLanes{first[n], second[n]} * table.window[n];
  }
  constexpr std::size_t kBins = kWindowSamples / 2 + 1;
  std::array<ComplexLanes<DoubleLanes>, kBins> bins;
  table.fourier.transform(samples, bins);
  std::array<DoubleLanes, kBins> power;
  for (std::size_t k = 0; k < kBins; ++k) power[k] = bins[k].re * bins[k].re + bins[k].im * bins[k].im;

  std::array<Column, 2> columns;
  for (std::size_t lane = 0; lane < 2; ++lane) {
    columns[lane].summary.re = bins[1].re[lane];
    columns[lane].summary.im = bins[1].im[lane];
    columns[lane].summary.loudest = 0;
  }
  power[1] = DoubleLanes{};
  for (int band = 0; band < kBands; ++band) {
    const auto [first_bin, weights] = table.filters.band(band);
    DoubleLanes sum{};
    for (std::size_t i = 0; i < weights.size(); ++i)
      sum += weights[i] * power[static_cast<std::size_t>(first_bin) + i];
    for (std::size_t lane = 0; lane < 2; ++lane) {
      Column& column = columns[lane];
      if (band < kLowBands) {
        column.summary.rest[static_cast<std::size_t>(band)] = sum[lane];
      } else {
        column.power[static_cast<std::size_t>(band - kLowBands)] = static_cast<float>(sum[lane]);
        column.summary.loudest = std::max<double>(column.summary.loudest, sum[lane]);
      }
    }
  }
  return columns;
}

TurnFeatures::UpperBands TurnFeatures::logs(const UpperBands& power) {
  UpperBands result;
  std::ranges::transform(power, result.begin(), [](float value) { return std::log10(value); });
  return result;
}

TurnFeatures::Normalisation TurnFeatures::normalisation() const {
  constexpr double kSamples = kBufferColumns * kHopSamples;
  Moments total{};
  for (std::int64_t hop = std::max<std::int64_t>(0, hops_ - kBufferColumns); hop < hops_; ++hop) {
    const Moments& moments = moments_[ring(hop, kBufferColumns)];
    total.sum += moments.sum;
    total.squares += moments.squares;
  }
  const double mean = total.sum / kSamples;
  const double variance = std::max(0.0, total.squares / kSamples - mean * mean);
  return {mean, 1 / (variance + kVarianceMin)};
}

double TurnFeatures::low_power(const Summary& summary, std::size_t band, const Normalisation& normalisation) {
  const double re = summary.re - normalisation.mean * tables().constant_in_bin1;
  const double bin1 = re * re + summary.im * summary.im;
  return (summary.rest[band] + tables().bin1[band] * bin1) * normalisation.power_scale;
}

double TurnFeatures::loudest(const Summary& summary, const Normalisation& normalisation) {
  double power = summary.loudest * normalisation.power_scale;
  for (std::size_t band = 0; band < kLowBands; ++band) {
    power = std::max(power, low_power(summary, band, normalisation));
  }
  return power;
}

// Column 799: its last 40 samples mirror the end of the audio.
TurnFeatures::Column TurnFeatures::last_column() const {
  constexpr std::size_t kReal = kHopSamples + kWindowSamples / 2;
  const std::size_t end = history_.size();
  std::array<float, kWindowSamples> window;
  std::copy(history_.end() - kReal, history_.end(), window.begin());
  for (std::size_t n = kReal; n < kWindowSamples; ++n) window[n] = history_[end - 2 - (n - kReal)];
  return transform(window.data(), window.data())[0];
}

// The lowest log10 that a feature may have.
double TurnFeatures::floor(const Column& last, const Normalisation& normalisation) const {
  double power = loudest(last.summary, normalisation);
  if (hops_ < kBufferColumns - 2) {  // the buffer begins with zeros
    power = std::max(power, loudest(Summary{}, normalisation));
  } else {
    const std::size_t beginning = ring(hops_ - kBufferColumns, kBufferColumns);
    power = std::max(
        {power, loudest(first_[beginning], normalisation), loudest(second_[beginning], normalisation)});
  }
  for (std::int64_t hop = std::max<std::int64_t>(-1, hops_ - kColumnsMax); hop <= hops_ - 2; ++hop) {
    power = std::max(power, loudest(inner_[ring(hop, kBufferColumns)], normalisation));
  }
  return log_power(power) - kDepth;
}

void TurnFeatures::write(std::span<float> features) const {
  assert(features.size() == static_cast<std::size_t>(kBands * columns_));
  const Normalisation normal = normalisation();
  const Column last = last_column();
  const double lowest = floor(last, normal);
  for (int column = 0; column < columns_ - 1; ++column) {
    const std::int64_t hop = hops_ - columns_ + column;
    if (hop < -1) {
      write_column(Summary{}, tables().nothing, normal, lowest, column, features);
    } else {
      write_column(inner_[ring(hop, kBufferColumns)], upper_logs_[ring(hop, upper_logs_.size())], normal,
                   lowest, column, features);
    }
  }
  write_column(last.summary, logs(last.power), normal, lowest, columns_ - 1, features);
}

void TurnFeatures::write_column(const Summary& summary, const UpperBands& upper_logs,
                                const Normalisation& normalisation, double floor, int column,
                                std::span<float> features) const {
  const auto put = [&](std::size_t band, double value) {
    features[band * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column)] =
        static_cast<float>((std::max(value, floor) + 4) / 4);
  };
  const double log_scale = std::log10(normalisation.power_scale);
  for (std::size_t band = 0; band < kLowBands; ++band) {
    put(band, log_power(low_power(summary, band, normalisation)));
  }
  const double log_power_min = std::log10(kPowerMin);
  for (std::size_t band = kLowBands; band < kBands; ++band) {
    put(band, std::max(upper_logs[band - kLowBands] + log_scale, log_power_min));
  }
}

}  // namespace antiphon::models
