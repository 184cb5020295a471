// The vector kernels of the vocoder against their plain forms, and what they promise.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <span>
#include <vector>

#include "models/kernels/spectral_mix.h"
#include "models/kernels/spectral_noise.h"
#include "models/kernels/spectral_overlap.h"
#include "models/kernels/spectral_pulse_windows.h"
#include "models/kernels/spectral_pulses.h"

namespace antiphon::models::kernels {
namespace {

std::vector<float> uniform_values(std::size_t count, float low, float high, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(random);
  return values;
}

TEST(NormalPairsTest, VectorAndPlainFormsAgree) {
  NormalPairs vector(42);
  NormalPairs plain(42);
  for (int round = 0; round < 3; ++round) {
    std::vector<float> a(608);
    std::vector<float> b(608);
    std::vector<float> c(608);
    std::vector<float> d(608);
    vector.draw(a, b);
    plain.draw_portable(c, d);
    for (std::size_t i = 0; i < a.size(); ++i) {
      ASSERT_NEAR(a[i], c[i], 5e-6f);
      ASSERT_NEAR(b[i], d[i], 5e-6f);
    }
  }
}

TEST(NormalPairsTest, IsStandardNormal) {
  NormalPairs source(1);
  std::vector<float> a(40'000);
  std::vector<float> b(40'000);
  source.draw(a, b);
  double mean = 0.0;
  double variance = 0.0;
  double product = 0.0;
  double fourth = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    mean += a[i] + b[i];
    variance += double(a[i]) * a[i] + double(b[i]) * b[i];
    fourth += std::pow(a[i], 4.0) + std::pow(b[i], 4.0);
    product += double(a[i]) * b[i];
  }
  EXPECT_NEAR(mean / 80'000, 0.0, 0.02);
  EXPECT_NEAR(variance / 80'000, 1.0, 0.03);
  EXPECT_NEAR(fourth / 80'000, 3.0, 0.2);
  EXPECT_NEAR(product / 40'000, 0.0, 0.03);
}

TEST(NormalPairsTest, SeedsGiveDifferentNumbers) {
  std::vector<float> a(8);
  std::vector<float> b(8);
  std::vector<float> unused(8);
  NormalPairs(1).draw(a, unused);
  NormalPairs(2).draw(b, unused);
  EXPECT_NE(a, b);
}

TEST(PulseTrainTest, VectorAndPlainFormsAgree) {
  const auto pitch = uniform_values(4096, 0.0f, 400.0f, 1);
  const auto phase = uniform_values(4096, 0.0f, 1.0f, 2);
  std::vector<float> vector(4096);
  std::vector<float> plain(4096);
  PulseTrain::pulses(pitch, phase, vector);
  PulseTrain::pulses_portable(pitch, phase, plain);
  for (std::size_t i = 0; i < plain.size(); ++i)
    ASSERT_NEAR(vector[i], plain[i], 1e-3f + 1e-4f * std::abs(plain[i]));
}

TEST(PulseTrainTest, IsTheSumOfTheHarmonics) {
  const std::vector<float> pitch(100, 150.0f);
  const auto phase = uniform_values(100, 0.01f, 0.99f, 3);
  std::vector<float> out(100);
  PulseTrain::pulses_portable(pitch, phase, out);
  for (std::size_t i = 0; i < out.size(); ++i) {
    double sum = 0.0;
    for (int h = 1; h <= 73; ++h)
      sum += std::cos(2.0 * std::numbers::pi * h * phase[i]);  // 73 x 150 < 11 kHz
    ASSERT_NEAR(out[i], sum, 2e-3);
  }
}

TEST(PulseTrainTest, PulsesComeAtThePitch) {
  PulseTrain train;
  std::array<float, PulseTrain::kHop> hop;
  int peaks = 0;
  for (int k = 0; k < 80; ++k) {  // one second
    train.next_hop(200.0f, 200.0f, 200.0f, hop);
    peaks += static_cast<int>(std::ranges::count_if(hop, [](float sample) { return sample > 40.0f; }));
  }
  EXPECT_NEAR(peaks, 200, 1);
}

TEST(PulseTrainTest, IsSilentWhereUnvoiced) {
  PulseTrain train;
  std::array<float, PulseTrain::kHop> hop;
  hop.fill(1.0f);
  train.next_hop(-3.0f, 40.0f, 12.0f, hop);
  EXPECT_TRUE(std::ranges::all_of(hop, [](float sample) { return sample == 0.0f; }));
}

TEST(MixSpectrumTest, VectorAndPlainFormsAgree) {
  const auto curves = uniform_values(5 * 601, -9.0f, 8.0f, 4);
  const auto noise = uniform_values(2 * 608, -3.0f, 3.0f, 5);
  const auto parts = uniform_values(2 * 601, -2.0f, 2.0f, 6);
  std::vector<std::complex<float>> excitation(601);
  for (std::size_t i = 0; i < 601; ++i) excitation[i] = {parts[2 * i], parts[2 * i + 1]};
  const auto curve = [&](std::size_t index) { return std::span(curves).subspan(index * 601, 601); };
  const SpectralCurves all{curve(0), curve(1), curve(2), curve(3), curve(4)};
  for (const bool voiced : {false, true}) {
    SpectralSources sources{{}, std::span(noise).first(608), std::span(noise).last(608)};
    if (voiced) sources.excitation = excitation;
    std::vector<std::complex<float>> vector(601);
    std::vector<std::complex<float>> plain(601);
    mix_spectrum(all, sources, vector);
    mix_spectrum_portable(all, sources, plain);
    for (std::size_t i = 0; i < 601; ++i) {
      const float size = std::exp(std::min(7.0f, std::max({curve(0)[i], curve(2)[i], curve(3)[i]})));
      ASSERT_LE(std::abs(vector[i] - plain[i]), 1e-5f * size) << i;
    }
  }
}

// Windows of a signal, put together again, are the signal; also when the first window is not the phrase's.
TEST(OverlapAddTest, RebuildsASignal) {
  constexpr int kHops = 12;
  const auto signal = uniform_values(kHops * kSpectralHop, -1.0f, 1.0f, 7);
  const auto& window = spectral_window();
  for (const int first : {0, 4}) {
    OverlapAdd overlap(first);
    std::vector<float> rebuilt;
    std::array<float, kSpectralHop> hop;
    for (int k = first; k < kHops; ++k) {
      std::array<float, kSpectralWindow> piece;
      for (int i = 0; i < kSpectralWindow; ++i) {
        const int at = k * kSpectralHop - kSpectralWindow / 2 + i;
        piece[i] = at >= 0 && at < kHops * kSpectralHop ? signal[at] * window[i] : 0.0f;
      }
      overlap.add(piece, hop);
      rebuilt.insert(rebuilt.end(), hop.begin(), hop.end());
    }
    for (int k = 0; k < 2; ++k) {
      overlap.finish(hop);
      rebuilt.insert(rebuilt.end(), hop.begin(), hop.end());
    }
    const int first_whole = first == 0 ? 0 : first + 1;
    const int skipped = (first_whole - (first - 2)) * kSpectralHop;
    for (std::size_t i = skipped; i < rebuilt.size(); ++i) {
      ASSERT_NEAR(rebuilt[i], signal[i - skipped + first_whole * kSpectralHop], 1e-4f) << first << " " << i;
    }
  }
}

std::vector<float> pulse_window(std::span<const float> pitch, int first, int wanted) {
  PulseWindows windows(static_cast<std::int64_t>(pitch.size()), first);
  std::vector<float> out(kSpectralWindow, 0.0f);
  for (int k = first; k <= wanted; ++k) (void)windows.next(pitch, std::span(out).first<kSpectralWindow>());
  return out;
}

TEST(PulseWindowsTest, DoNotDependOnWhereTheyStart) {
  const auto pitch = uniform_values(9, 100.0f, 200.0f, 8);
  for (int wanted = 0; wanted < 9; ++wanted) {
    for (int first = 1; first <= wanted; ++first) {
      EXPECT_EQ(pulse_window(pitch, first, wanted), pulse_window(pitch, 0, wanted)) << first << " " << wanted;
    }
  }
}

TEST(PulseWindowsTest, MirrorTheEnds) {
  const auto pitch = uniform_values(9, 100.0f, 200.0f, 9);
  const auto& window = spectral_window();
  const auto sample = [&](const std::vector<float>& piece, int at) { return piece[at] / window[at]; };
  const auto start = pulse_window(pitch, 0, 0);  // centred on sample 0
  for (int i = 1; i < 500; ++i) EXPECT_NEAR(sample(start, 600 - i), sample(start, 600 + i), 1e-2f);
  const auto end = pulse_window(pitch, 0, 8);  // the last 300 samples lie beyond the end, at 900
  for (int i = 1; i < 250; ++i) EXPECT_NEAR(sample(end, 899 + i), sample(end, 899 - i), 1e-2f);
}

TEST(PulseWindowsTest, UnvoicedWindowsAreMarked) {
  const std::vector<float> pitch(6, 0.0f);
  PulseWindows windows(6, 0);
  std::array<float, kSpectralWindow> out;
  while (windows.next_window() < 6) EXPECT_FALSE(windows.next(pitch, out));
}

}  // namespace
}  // namespace antiphon::models::kernels
