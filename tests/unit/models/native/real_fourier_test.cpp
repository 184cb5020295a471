#include "models/native/real_fourier.h"

#include <gtest/gtest.h>

#include <array>
#include <complex>
#include <random>

namespace antiphon::models {
namespace {

template <class Lanes, int kSize>
double largest_error() {
  using Fourier = RealFourier<Lanes, kSize>;
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::array<Lanes, kSize> samples;
  for (Lanes& sample : samples) {
    for (int lane = 0; lane < Fourier::kLanes; ++lane) {
      sample[lane] = static_cast<typename Fourier::Real>(uniform(random));
    }
  }
  std::array<ComplexLanes<Lanes>, Fourier::kBins> bins;
  Fourier().transform(samples, bins);
  double error = 0;
  for (int k = 0; k < Fourier::kBins; ++k) {
    for (int lane = 0; lane < Fourier::kLanes; ++lane) {
      std::complex<double> sum = 0;
      for (int n = 0; n < kSize; ++n) {
        sum += double{samples[static_cast<std::size_t>(n)][lane]} *
               std::polar(1.0, -2 * std::numbers::pi * (k * n % kSize) / kSize);
      }
      const auto& bin = bins[static_cast<std::size_t>(k)];
      error = std::max(error, std::abs(sum - std::complex<double>(bin.re[lane], bin.im[lane])));
    }
  }
  return error;
}

template <int... kSizes>
void expect_transforms(std::integer_sequence<int, kSizes...>) {
  EXPECT_LT(std::max({largest_error<DoubleLanes, kSizes>()...}), 1e-12);
  EXPECT_LT(std::max({largest_error<FloatLanes, kSizes>()...}), 2e-5);
}

TEST(RealFourier, IsTheTransformByItsDefinition) {
  expect_transforms(std::integer_sequence<int, 2, 4, 8, 10, 20, 40, 50, 80, 256, 400, 640>{});
}

}  // namespace
}  // namespace antiphon::models
