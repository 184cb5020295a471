#pragma once

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "models/kernels/spectral_noise.h"
#include "models/kernels/spectral_overlap.h"
#include "models/kernels/spectral_pulse_windows.h"

namespace antiphon::models::torch {

// Spectral curves to sound: the spectrum of the pulse train shaped by the voiced curves, noise and a fixed
// part added, transformed back and overlapped. The noise is drawn hop by hop from one generator.
//
// Owner: one thread at a time.
class HibariWaveform {
 public:
  struct Config {
    std::int64_t hops = 0;   // of the phrase
    std::int64_t first = 0;  // the first hop whose curves will come
    std::uint64_t noise_seed = 0;
    float noise_level = 1.0f;
  };
  explicit HibariWaveform(const Config& config);

  // curves: rows of row_size floats for the next hops, each five curves of kSpectralBins; pitch: for every
  // hop from 0 to two beyond the last new one, or to the phrase's end. Appends one hop of samples for each
  // row: the hops up to two before the last row, and at the phrase's end those two as well.
  void add(std::span<const float> curves, int row_size, std::span<const float> pitch,
           std::vector<float>& out);

  // The first hop of samples that add() appends; it and the two after it lack windows unless first is 0,
  // where the first two lie before the phrase.
  std::int64_t first_sample_hop() const { return config_.first - 2; }

 private:
  void take_excitation(int hops, std::span<const float> pitch);
  void mix(std::span<const float> curves, int row_size, std::span<std::complex<float>> spectra);

  Config config_;
  kernels::PulseWindows pulses_;
  kernels::NormalPairs noise_;
  kernels::OverlapAdd overlap_;
  std::vector<float> windows_;                   // [voiced hops, 1200]
  std::vector<char> voiced_;                     // [hops]
  std::vector<std::complex<float>> excitation_;  // [voiced hops, 601]
  std::vector<std::complex<float>> spectra_;     // [hops, 601]
};

}  // namespace antiphon::models::torch
