// The voice "heart" of hibari: a small convolutional network that predicts spectra, 24 kHz.
//
// Source: the PyPI package hibari-tts 0.2.1 (Apache-2.0), its weights converted to f32. Torch-free to
// include.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "models/speech_synthesizer.h"

namespace antiphon::models::torch {

// What the network computes on its way to sound, for parity tests and tools.
struct HibariTrace {
  std::vector<int> ids;        // with the pad at both ends
  std::vector<int> durations;  // for each id, in units of 25 ms
  std::vector<float> pitch;    // [hops] Hz; below 40: unvoiced
  std::vector<float> energy;   // [hops]
  std::vector<float> curves;   // [hops, curves_row]: five spectral curves of 601 bins
  int curves_row = 0;
};

class HibariSynthesizer : public SpeechSynthesizer {
 public:
  // Runs the whole phrase at once. REQUIRES: begin() would accept the phrase and the options.
  virtual HibariTrace trace(const text::PhonemePhrase& phrase, const SynthesisOptions& options) const = 0;
};

// Reads hibari.json and hibari.safetensors in `folder`. Keeps its own packed copy of the weights (25 MB) and
// not the file. Throws std::runtime_error that names the file and the field or tensor.
std::unique_ptr<HibariSynthesizer> load_hibari(const std::filesystem::path& folder);

}  // namespace antiphon::models::torch
