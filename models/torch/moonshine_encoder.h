#pragma once

#include <memory>
#include <vector>

#include "models/native/moonshine_config.h"
#include "models/speech_recognizer.h"
#include "models/stepped.h"
#include "models/torch/precision.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {

// The audio half of Moonshine: three strided convolutions on the raw samples, then transformer layers without
// a mask, so every row depends on the whole segment. https://arxiv.org/abs/2410.15608
//
// Owner:  any thread; immutable after construction.
// Time:   work is cut into blocks of rows, one block a step.
// Memory: weights 20 MB (base-en) or 10 MB (tiny-en) with kInt8, four times that with kF32. A segment of s
// seconds
//         takes about 0.6 MB * s while it is encoded.
// Errors: the constructor throws std::runtime_error that names the file and the tensor.
class MoonshineEncoder {
 public:
  MoonshineEncoder(const SafetensorsFile& file, const MoonshineConfig& config, Precision precision);
  ~MoonshineEncoder();

  // Result [rows, hidden size]; no rows if the audio has fewer than kSpeechSamplesMin or more than
  // kSpeechSamplesMax samples. `audio`: 16 kHz mono in [-1, 1]; clipped, and 0 where it is not a number.
  Stepped<EncodedSpeech> encode(std::vector<float> audio) const;

 private:
  struct Network;
  std::unique_ptr<const Network> network_;
};

}  // namespace antiphon::models::torch
