#pragma once

#include <filesystem>
#include <vector>

#include "models/native/decoder_config.h"

namespace antiphon::models {

// What config.json of a folder of Hugging Face's says about a decoder.
struct SafetensorsDecoderConfig {
  DecoderConfig decoder;
  bool tied_embedding = false;
  // (head_size / 2): Llama 3's slowing down of each rotary pair; empty for the others.
  std::vector<float> rotary_factors{};

  // Throws std::runtime_error that names the file and the field.
  static SafetensorsDecoderConfig read(const std::filesystem::path& path);
};

}  // namespace antiphon::models
