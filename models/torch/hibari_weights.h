// The tensors of hibari, packed for the kernels. Torch-free.
#pragma once

#include <filesystem>
#include <vector>

#include "models/kernels/conv_depthwise.h"
#include "models/kernels/conv_pointwise.h"
#include "models/torch/hibari_config.h"

namespace antiphon::models::torch {

using kernels::PackedLinear;

struct NormTensors {
  std::vector<float> weight;  // [C]
  std::vector<float> bias;    // [C]

  kernels::NormWeights view() const { return {weight, bias}; }
};

// depthwise convolution -> norm -> linear -> gelu -> linear (times gamma), around a residual.
struct ConvNextWeights {
  std::vector<float> taps;  // [width, C]
  std::vector<float> bias;  // [C]
  int width = 0;
  int dilation = 1;
  NormTensors norm;
  PackedLinear expand;   // C -> ff
  PackedLinear project;  // ff -> C, gamma folded in

  int channels() const { return static_cast<int>(bias.size()); }
  kernels::DepthwiseWeights depthwise() const { return {taps, bias, width, dilation, norm.view()}; }
};

// A pre-norm transformer layer.
struct AttentionWeights {
  NormTensors norm1;
  PackedLinear query_key_value;  // C -> 3 C
  PackedLinear out;              // C -> C
  NormTensors norm2;
  PackedLinear expand;   // C -> ff
  PackedLinear project;  // ff -> C
};

struct TextEncoderWeights {
  std::vector<float> embedding;  // [ids, C]
  int channels = 0;
  std::vector<ConvNextWeights> convolutions;
  AttentionWeights attention;  // applied several times
  NormTensors norm;
};

struct HibariWeights {
  TextEncoderWeights text;          // for the decoder, C = 128
  TextEncoderWeights prosody_text;  // for durations, pitch and energy, C = 192
  PackedLinear duration_hidden;     // a convolution of width 3: [3 x 192] -> 192
  PackedLinear duration;            // 192 -> 1
  PackedLinear prosody_in;          // 192 -> 192
  std::vector<ConvNextWeights> prosody;
  PackedLinear prosody_out;           // 192 -> 4: pitch even, pitch odd, energy even, energy odd hop
  PackedLinear decoder_text;          // 128 -> [7 x 256]: what a symbol adds to the rows around it
  std::vector<float> decoder_pitch;   // [7, 256]: what the pitch adds
  std::vector<float> decoder_energy;  // [7, 256]
  std::vector<float> decoder_bias;    // [256]
  std::vector<ConvNextWeights> decoder;
  NormTensors decoder_norm;
  PackedLinear head;  // 256 -> 5 x 601
};

// Throws std::runtime_error that names the file and the tensor.
HibariWeights load_hibari_weights(const std::filesystem::path& path, const HibariConfig& config);

}  // namespace antiphon::models::torch
