#include "models/torch/hibari_weights.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <stdexcept>
#include <string>

#include "models/kernels/spectral_overlap.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {
namespace {

constexpr int kTextChannels = 128;
constexpr int kProsodyChannels = 192;
constexpr int kDecoderChannels = 256;
constexpr int kDecoderHidden = 768;
constexpr int kDecoderTaps = 7;
constexpr int kDecoderBlocks = 8;

using kernels::Inputs;
using Shape = std::initializer_list<std::int64_t>;

// What only shapes the spectrum bears 8 bits, as in the published 8-bit graph. Durations and pitch must stay
// (a duration may not flip, and the phase is a sum over the pitch): 15 bits move the pitch by 0.02 Hz.
constexpr Inputs kSpectrumInputs = Inputs::kBytes;
constexpr Inputs kProsodyInputs = Inputs::kRounded;

std::vector<float> copy(std::span<const float> values) {
  return {values.begin(), values.end()};
}

class Reader {
 public:
  Reader(const SafetensorsFile& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {}

  Reader inside(const std::string& name) const { return {file_, prefix_ + name + "."}; }
  std::span<const float> values(const std::string& name, Shape shape) const {
    return file_.f32(prefix_ + name, shape);
  }

  NormTensors norm(int channels) const {
    return {copy(values("weight", {channels})), copy(values("bias", {channels}))};
  }
  PackedLinear linear(int outputs, int inputs, Inputs kind = Inputs::kF32) const {
    return {values("weight", {outputs, inputs}), values("bias", {outputs}), outputs, inputs, {}, kind};
  }
  // A convolution of width 1.
  PackedLinear conv1(int outputs, int inputs) const {
    return {values("weight", {outputs, inputs, 1}), values("bias", {outputs}), outputs, inputs};
  }

  ConvNextWeights conv_next(int channels, int width, int hidden, int dilation,
                            Inputs kind = Inputs::kF32) const {
    ConvNextWeights block;
    block.width = width;
    block.dilation = dilation;
    const auto taps = values("dw.weight", {channels, 1, width});
    block.taps.resize(taps.size());
    for (int c = 0; c < channels; ++c) {
      for (int k = 0; k < width; ++k) block.taps[k * channels + c] = taps[c * width + k];
    }
    block.bias = copy(values("dw.bias", {channels}));
    block.norm = inside("norm").norm(channels);
    block.expand = inside("pw1").linear(hidden, channels, kind);
    block.project = PackedLinear(values("pw2.weight", {channels, hidden}), values("pw2.bias", {channels}),
                                 channels, hidden, values("gamma", {channels}), kind);
    return block;
  }

  AttentionWeights attention(int channels, Inputs kind) const {
    AttentionWeights layer;
    layer.norm1 = inside("norm1").norm(channels);
    layer.query_key_value =
        PackedLinear(values("self_attn.in_proj_weight", {3 * channels, channels}),
                     values("self_attn.in_proj_bias", {3 * channels}), 3 * channels, channels, {}, kind);
    layer.out = inside("self_attn.out_proj").linear(channels, channels, kind);
    layer.norm2 = inside("norm2").norm(channels);
    layer.expand = inside("linear1").linear(2 * channels, channels, kind);
    layer.project = inside("linear2").linear(channels, 2 * channels, kind);
    return layer;
  }

  TextEncoderWeights text_encoder(int ids, int channels, Inputs kind) const {
    TextEncoderWeights encoder;
    encoder.channels = channels;
    encoder.embedding = copy(values("emb.weight", {ids, channels}));
    for (const char* name : {"convs.0", "convs.1"}) {
      encoder.convolutions.push_back(inside(name).conv_next(channels, 5, 2 * channels, 1, kind));
    }
    encoder.attention = inside("attn").attention(channels, kind);
    encoder.norm = inside("norm").norm(channels);
    return encoder;
  }

 private:
  const SafetensorsFile& file_;
  std::string prefix_;
};

// [outputs, inputs, 3] as a linear layer over three rows laid end to end.
PackedLinear conv3(const Reader& reader, int outputs, int inputs) {
  const auto weight = reader.values("weight", {outputs, inputs, 3});
  std::vector<float> rows(weight.size());
  for (int o = 0; o < outputs; ++o) {
    for (int i = 0; i < inputs; ++i) {
      for (int k = 0; k < 3; ++k) rows[(o * 3 + k) * inputs + i] = weight[(o * inputs + i) * 3 + k];
    }
  }
  return {rows, reader.values("bias", {outputs}), outputs, 3 * inputs};
}

// The decoder's first convolution sees text (128 channels, the same row for a whole symbol), pitch and
// energy; the text's share is computed once per symbol.
void read_decoder_input(const Reader& reader, HibariWeights& weights) {
  constexpr int kInputs = kTextChannels + 2;
  const auto weight = reader.values("weight", {kDecoderChannels, kInputs, kDecoderTaps});
  const auto at = [&](int o, int i, int k) { return weight[(o * kInputs + i) * kDecoderTaps + k]; };
  std::vector<float> text;
  for (int k = 0; k < kDecoderTaps; ++k) {
    for (int o = 0; o < kDecoderChannels; ++o) {
      for (int i = 0; i < kTextChannels; ++i) text.push_back(at(o, i, k));
      weights.decoder_pitch.push_back(at(o, kTextChannels, k));
      weights.decoder_energy.push_back(at(o, kTextChannels + 1, k));
    }
  }
  weights.decoder_text =
      PackedLinear(text, {}, kDecoderTaps * kDecoderChannels, kTextChannels, {}, kSpectrumInputs);
  weights.decoder_bias = copy(reader.values("bias", {kDecoderChannels}));
}

void read_prosody(const Reader& reader, const HibariConfig& config, HibariWeights& weights) {
  constexpr int kChannels = kProsodyChannels;
  weights.duration_hidden = conv3(reader.inside("dur.0"), kChannels, kChannels);
  weights.duration = reader.inside("dur.2").conv1(1, kChannels);
  weights.prosody_in = reader.inside("pro_in").conv1(kChannels, kChannels);
  for (std::size_t i = 0; i < config.pro_dilations.size(); ++i) {
    weights.prosody.push_back(
        reader.inside("pro." + std::to_string(i))
            .conv_next(kChannels, 7, 2 * kChannels, config.pro_dilations[i], kProsodyInputs));
  }
  weights.prosody_out = reader.inside("pro_out").conv1(4, kChannels);
}

}  // namespace

HibariWeights load_hibari_weights(const std::filesystem::path& path, const HibariConfig& config) {
  const SafetensorsFile file(path);
  const Reader all(file, "");
  int ids = 1;
  for (const auto& [symbol, id] : config.vocabulary) ids = std::max(ids, id + 1);
  HibariWeights weights;
  weights.text = all.inside("m.text").text_encoder(ids, kTextChannels, kSpectrumInputs);
  weights.prosody_text = all.inside("pn.text").text_encoder(ids, kProsodyChannels, kProsodyInputs);
  read_prosody(all.inside("pn"), config, weights);
  read_decoder_input(all.inside("m.dec_in"), weights);
  for (int i = 0; i < kDecoderBlocks; ++i) {
    weights.decoder.push_back(all.inside("m.dec." + std::to_string(i))
                                  .conv_next(kDecoderChannels, 7, kDecoderHidden, 1, kSpectrumInputs));
  }
  weights.decoder_norm = all.inside("m.dec_norm").norm(kDecoderChannels);
  weights.head = all.inside("m.head").linear(5 * kernels::kSpectralBins, kDecoderChannels, kSpectrumInputs);
  if (kProsodyChannels % config.heads != 0 || kTextChannels % config.heads != 0) {
    throw std::runtime_error("'" + path.string() +
                             "': its channels cannot be shared by the configured heads");
  }
  return weights;
}

}  // namespace antiphon::models::torch
