#include "tests/support/whole_turn_features.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace antiphon::test {
namespace {

constexpr int kSamples = 128000;
constexpr int kWindow = 400;
constexpr int kHop = 160;
constexpr int kColumns = kSamples / kHop;
constexpr int kBands = 80;
constexpr int kBins = kWindow / 2 + 1;

std::size_t at(int n) {
  return static_cast<std::size_t>(n);
}

std::vector<double> normalised_buffer(std::span<const float> audio) {
  std::vector<double> x(kSamples, 0.0);
  const std::size_t used = std::min<std::size_t>(audio.size(), kSamples);
  std::copy_n(audio.end() - static_cast<std::ptrdiff_t>(used), used,
              x.end() - static_cast<std::ptrdiff_t>(used));
  double mean = 0, variance = 0;
  for (const double value : x) mean += value / kSamples;
  for (const double value : x) variance += (value - mean) * (value - mean) / kSamples;
  for (double& value : x) value = (value - mean) / std::sqrt(variance + 1e-7);
  return x;
}

double mel_edge(int index) {  // in Hz
  const double step = std::log(6.4) / 27;
  const double mel = (15 + std::log(8.0) / step) * index / (kBands + 1);
  return mel < 15 ? mel * 200 / 3 : 1000 * std::exp((mel - 15) * step);
}

double filter(int band, int bin) {
  const double low = mel_edge(band), centre = mel_edge(band + 1), high = mel_edge(band + 2);
  const double hertz = 40.0 * bin;
  const double height = std::min((hertz - low) / (centre - low), (high - hertz) / (high - centre));
  return std::max(0.0, height) * 2 / (high - low);
}

struct Turns {  // e^(2 pi i n / 400)
  Turns() {
    for (int n = 0; n < kWindow; ++n) {
      cosine[at(n)] = std::cos(2 * std::numbers::pi * n / kWindow);
      sine[at(n)] = std::sin(2 * std::numbers::pi * n / kWindow);
    }
  }
  std::array<double, kWindow> cosine, sine;
};

// [201]
std::vector<double> power_spectrum(std::span<const double> x, int middle) {
  static const Turns kTurns;
  std::array<double, kWindow> windowed;
  for (int n = 0; n < kWindow; ++n) {
    int index = std::abs(middle - kWindow / 2 + n);
    if (index >= kSamples) index = 2 * (kSamples - 1) - index;
    windowed[at(n)] = x[at(index)] * (0.5 - 0.5 * kTurns.cosine[at(n)]);
  }
  std::vector<double> power(kBins);
  for (int k = 0; k < kBins; ++k) {
    double re = 0, im = 0;
    for (int n = 0, turn = 0; n < kWindow; ++n, turn = turn + k >= kWindow ? turn + k - kWindow : turn + k) {
      re += windowed[at(n)] * kTurns.cosine[at(turn)];
      im += windowed[at(n)] * kTurns.sine[at(turn)];
    }
    power[at(k)] = re * re + im * im;
  }
  return power;
}

}  // namespace

std::vector<float> whole_turn_features(std::span<const float> audio) {
  const std::vector<double> x = normalised_buffer(audio);
  std::vector<double> filters;
  for (int band = 0; band < kBands; ++band) {
    for (int bin = 0; bin < kBins; ++bin) filters.push_back(filter(band, bin));
  }
  std::vector<double> logs(at(kBands * kColumns));
  for (int column = 0; column < kColumns; ++column) {
    const std::vector<double> power = power_spectrum(x, column * kHop);
    for (int band = 0; band < kBands; ++band) {
      double sum = 0;
      for (int bin = 0; bin < kBins; ++bin) sum += filters[at(band * kBins + bin)] * power[at(bin)];
      logs[at(band * kColumns + column)] = std::log10(std::max(1e-10, sum));
    }
  }
  const double floor = *std::ranges::max_element(logs) - 8;
  std::vector<float> features;
  for (const double value : logs) features.push_back(static_cast<float>((std::max(value, floor) + 4) / 4));
  return features;
}

}  // namespace antiphon::test
