#pragma once

#include <filesystem>
#include <unordered_map>
#include <vector>

namespace antiphon::models::torch {

// hibari.json: the sizes that are not in the tensors, and the alphabet.
struct HibariConfig {
  int heads = 0;                   // of every attention layer
  int text_repeats = 0;            // times the decoder's encoder applies its one attention layer
  int prosody_repeats = 0;         // likewise the prosody's encoder
  std::vector<int> pro_dilations;  // of the prosody's blocks
  int min_duration = 0;            // units of 25 ms
  float f0_scale = 0.0f;           // network's output to Hz
  float energy_scale = 0.0f;
  std::unordered_map<char32_t, int> vocabulary;  // symbol to id; id 0 is the pad
};

// Throws std::runtime_error that names the file and the field.
HibariConfig read_hibari_config(const std::filesystem::path& path);

}  // namespace antiphon::models::torch
