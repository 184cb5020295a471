#pragma once

#include <complex>
#include <span>

namespace antiphon::models::kernels {

// The five curves over frequency from which one hop's spectrum is made; all of one length, at least 8.
struct SpectralCurves {
  std::span<const float> voiced_log;   // log magnitude of the excitation's filter
  std::span<const float> voiced_turn;  // its phase is pi tanh(this)
  std::span<const float> noise_log;    // log magnitude of the noise
  std::span<const float> fixed_log;    // log magnitude of the part that is given directly
  std::span<const float> fixed_phase;  // its phase, radians
};

struct SpectralSources {
  std::span<const std::complex<float>> excitation;  // empty in an unvoiced hop
  std::span<const float> noise_real;                // at least as long as the curves
  std::span<const float> noise_imaginary;
};

// out = e^voiced_log e^(i pi tanh voiced_turn) excitation + e^noise_log noise + e^fixed_log e^(i
// fixed_phase), log magnitudes held to at most 7; relative error of each term 1e-6. Never allocates.
void mix_spectrum(const SpectralCurves& curves, const SpectralSources& sources,
                  std::span<std::complex<float>> out);
void mix_spectrum_portable(const SpectralCurves& curves, const SpectralSources& sources,
                           std::span<std::complex<float>> out);

}  // namespace antiphon::models::kernels
