#pragma once

#include <filesystem>
#include <memory>

#include "models/speech_recognizer.h"
#include "models/torch/precision.h"

namespace antiphon::models::torch {

// The Moonshine recogniser (English) in `folder`: model.safetensors, config.json, tokenizer.json. One code
// for all sizes. Throws std::runtime_error that names the file.
std::unique_ptr<SpeechRecognizer> load_moonshine(const std::filesystem::path& folder,
                                                 Precision encoder_precision = Precision::kInt8);

}  // namespace antiphon::models::torch
