#include "models/torch/hibari_waveform.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "models/kernels/spectral_mix.h"

namespace antiphon::models::torch {
namespace {

using kernels::kSpectralBins;
using kernels::kSpectralHop;
using kernels::kSpectralWindow;

constexpr int kNoiseBins = (kSpectralBins + 7) / 8 * 8;
// The pulse train's windows are divided by this (a quarter of the window's length).
constexpr float kExcitationScale = 1.0f / (kSpectralWindow / 4);

// windows: [n, 1200] -> out [n, 601].
void transform(std::span<float> windows, std::vector<std::complex<float>>& out) {
  const auto rows = static_cast<std::int64_t>(windows.size()) / kSpectralWindow;
  out.resize(std::size_t(rows) * kSpectralBins);
  if (rows == 0) return;
  const at::Tensor in = at::from_blob(windows.data(), {rows, kSpectralWindow}, at::kFloat);
  at::Tensor result = at::from_blob(out.data(), {rows, kSpectralBins}, at::kComplexFloat);
  at::fft_rfft_out(result, in);
}

// spectra: [n, 601] -> [n, 1200].
at::Tensor transform_back(std::span<std::complex<float>> spectra) {
  const auto rows = static_cast<std::int64_t>(spectra.size()) / kSpectralBins;
  return at::fft_irfft(at::from_blob(spectra.data(), {rows, kSpectralBins}, at::kComplexFloat),
                       kSpectralWindow)
      .contiguous();
}

}  // namespace

HibariWaveform::HibariWaveform(const Config& config)
    : config_(config),
      pulses_(config.hops, config.first),
      noise_(config.noise_seed),
      overlap_(config.first) {}

void HibariWaveform::take_excitation(int hops, std::span<const float> pitch) {
  voiced_.assign(static_cast<std::size_t>(hops), 0);
  windows_.resize(std::size_t(hops) * kSpectralWindow);
  std::size_t filled = 0;
  for (int hop = 0; hop < hops; ++hop) {
    const auto window = std::span(windows_).subspan(filled).first<kSpectralWindow>();
    if (!pulses_.next(pitch, window)) continue;
    for (float& sample : window) sample *= kExcitationScale;
    voiced_[static_cast<std::size_t>(hop)] = 1;
    filled += kSpectralWindow;
  }
  transform(std::span(windows_).first(filled), excitation_);
}

void HibariWaveform::mix(std::span<const float> curves, int row_size,
                         std::span<std::complex<float>> spectra) {
  alignas(32) std::array<float, kNoiseBins> real;
  alignas(32) std::array<float, kNoiseBins> imaginary;
  std::size_t next_voiced = 0;
  for (std::size_t hop = 0; hop < voiced_.size(); ++hop) {
    noise_.draw(real, imaginary);
    if (config_.noise_level != 1.0f) {
      for (float& value : real) value *= config_.noise_level;
      for (float& value : imaginary) value *= config_.noise_level;
    }
    const auto row = curves.subspan(hop * std::size_t(row_size));
    const auto curve = [&](int index) {
      return row.subspan(std::size_t(index) * kSpectralBins, kSpectralBins);
    };
    kernels::SpectralSources sources{{}, real, imaginary};
    if (voiced_[hop] != 0) {
      sources.excitation = std::span(excitation_).subspan(next_voiced++ * kSpectralBins, kSpectralBins);
    }
    kernels::mix_spectrum({curve(0), curve(1), curve(2), curve(3), curve(4)}, sources,
                          spectra.subspan(hop * kSpectralBins, kSpectralBins));
  }
}

void HibariWaveform::add(std::span<const float> curves, int row_size, std::span<const float> pitch,
                         std::vector<float>& out) {
  const c10::InferenceMode guard;
  const int hops = static_cast<int>(curves.size()) / row_size;
  if (hops == 0) return;
  take_excitation(hops, pitch);
  spectra_.resize(std::size_t(hops) * kSpectralBins);
  mix(curves, row_size, spectra_);
  const at::Tensor samples = transform_back(spectra_);
  const std::span<const float> all(samples.const_data_ptr<float>(), std::size_t(hops) * kSpectralWindow);
  const auto room = [&out] {
    out.resize(out.size() + kSpectralHop);
    return std::span(out).last<kSpectralHop>();
  };
  for (int hop = 0; hop < hops; ++hop) {
    overlap_.add(all.subspan(std::size_t(hop) * kSpectralWindow).first<kSpectralWindow>(), room());
  }
  if (overlap_.next_window() == config_.hops) {
    overlap_.finish(room());
    overlap_.finish(room());
  }
}

}  // namespace antiphon::models::torch
