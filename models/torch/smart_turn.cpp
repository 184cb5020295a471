#include "models/torch/smart_turn.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/torch/layer_norm.h"
#include "models/torch/packed_linear.h"
#include "models/torch/self_attention.h"
#include "models/torch/weights.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {
namespace {

using at::Tensor;
using torch::LayerNorm;
using torch::PackedLinear;

constexpr int kWidth = 384;
constexpr int kHeads = 6;
constexpr int kInner = 1536;
constexpr int kLayers = 4;
constexpr int kPositions = 400;
constexpr int kPool = 256;
constexpr int kClassifier = 64;
constexpr int kColumnsMax = 2 * kPositions;
constexpr double kEpsilon = 1e-5;

struct Linear {  // for the few outputs that fill no panel of PackedLinear
  Linear(const SafetensorsFile& file, const std::string& name, int outputs, int inputs)
      : weight(torch::mapped_tensor(file, name + ".weight", {outputs, inputs})),
        bias(torch::mapped_tensor(file, name + ".bias", {outputs})) {}
  Tensor operator()(const Tensor& x) const { return at::linear(x, weight, bias); }
  Tensor weight, bias;
};

struct EncoderLayer {
  EncoderLayer(const SafetensorsFile& file, const std::string& name)
      : attention_norm(file, name + "self_attn_layer_norm", kWidth, kEpsilon),
        query_key_value(file,
                        {name + "self_attn.q_proj", name + "self_attn.k_proj", name + "self_attn.v_proj"},
                        kWidth, kWidth),
        attention_out(file, name + "self_attn.out_proj", kWidth, kWidth),
        inner_norm(file, name + "final_layer_norm", kWidth, kEpsilon),
        inner_in(file, name + "fc1", kInner, kWidth),
        inner_out(file, name + "fc2", kWidth, kInner) {}

  Tensor operator()(Tensor x) const {  // [T, 384]
    x = x + attention_out(torch::self_attention(query_key_value(attention_norm(x)), kHeads));
    return x + inner_out(at::gelu(inner_in(inner_norm(x))));
  }

  LayerNorm attention_norm;
  PackedLinear query_key_value, attention_out;
  LayerNorm inner_norm;
  PackedLinear inner_in, inner_out;
};

// The windows of a convolution of three taps with one row of padding at both ends, as overlapping rows.
Tensor windows(const Tensor& x, int stride) {  // [T, channels]
  const std::int64_t time = x.size(0), channels = x.size(1);
  const Tensor padded = at::constant_pad_nd(x, {0, 0, 1, 1});  // [T + 2, channels]
  return padded.as_strided({time / stride, 3 * channels}, {stride * channels, 1});
}

}  // namespace

struct SmartTurn::Network {
  explicit Network(const std::filesystem::path& path)
      : file(path),
        convolution1(PackedLinear::convolution(file, "encoder.conv1", kWidth, TurnFeatures::kBands, 3)),
        convolution2(PackedLinear::convolution(file, "encoder.conv2", kWidth, kWidth, 3)),
        positions(torch::mapped_tensor(file, "encoder.embed_positions.weight", {kPositions, kWidth})),
        norm(file, "encoder.layer_norm", kWidth, kEpsilon),
        pool_in(file, "pool_attention.0", kPool, kWidth),
        pool_out(file, "pool_attention.2", 1, kPool),
        classifier_in(file, "classifier.0", kPool, kWidth),
        classifier_norm(file, "classifier.1", kPool, kEpsilon),
        classifier_inner(file, "classifier.4", kClassifier, kPool),
        classifier_out(file, "classifier.6", 1, kClassifier) {
    for (int i = 0; i < kLayers; ++i) layers.emplace_back(file, "encoder.layers." + std::to_string(i) + ".");
    file.file().release_pages();  // most weights are packed copies now
  }

  Tensor embed(const std::vector<float>& features) const {
    const c10::InferenceMode guard;
    const auto columns = static_cast<std::int64_t>(features.size()) / TurnFeatures::kBands;
    const Tensor mel = at::from_blob(const_cast<float*>(features.data()), {TurnFeatures::kBands, columns});
    Tensor x = at::gelu(convolution1(windows(mel.t().contiguous(), 1)));  // [columns, 384]
    x = at::gelu(convolution2(windows(x, 2)));                            // [columns / 2, 384]
    return x + positions.slice(0, kPositions - columns / 2);  // a cropped window is the end of 8 s
  }

  Tensor run_layer(const EncoderLayer& layer, const Tensor& x) const {
    const c10::InferenceMode guard;
    return layer(x);
  }

  float classify(Tensor x) const {  // [T, 384]
    const c10::InferenceMode guard;
    x = norm(x);
    const Tensor attention = pool_out(pool_in(x).tanh_()).softmax(0);  // [T, 1]
    x = (x * attention).sum(0, /*keepdim=*/true);                      // [1, 384]
    x = at::gelu(classifier_norm(classifier_in(x)));                   // [1, 256]
    x = at::gelu(classifier_inner(x));                                 // [1, 64]
    return classifier_out(x).item<float>();
  }

  SafetensorsFile file;
  PackedLinear convolution1, convolution2;
  Tensor positions;
  std::vector<EncoderLayer> layers;
  LayerNorm norm;
  PackedLinear pool_in;
  Linear pool_out;
  PackedLinear classifier_in;
  LayerNorm classifier_norm;
  PackedLinear classifier_inner;
  Linear classifier_out;
};

SmartTurn::SmartTurn(const Config& config) {
  if (config.window_columns < 2 || config.window_columns > TurnFeatures::kColumnsMax ||
      config.window_columns % 2 != 0) {
    throw std::runtime_error("the turn detector's window_columns must be even, from 2 to " +
                             std::to_string(TurnFeatures::kColumnsMax) + ", not " +
                             std::to_string(config.window_columns));
  }
  network_ = std::make_unique<Network>(config.weights);
  features_.assign(static_cast<std::size_t>(config.slots), TurnFeatures(config.window_columns));
}

SmartTurn::~SmartTurn() = default;

int SmartTurn::slots() const {
  return static_cast<int>(features_.size());
}

void SmartTurn::append(Slot slot, std::span<const float> audio) {
  features_.at(static_cast<std::size_t>(index(slot))).append(audio);
}

void SmartTurn::reset(Slot slot) {
  features_.at(static_cast<std::size_t>(index(slot))).reset();
}

namespace {

Stepped<float> sigmoid_of(Stepped<float> logit) {
  const float value = co_await std::move(logit);
  co_return 1.0f / (1.0f + std::exp(-value));
}

}  // namespace

// Not a coroutine itself: the features are those of the call, not of the first step.
Stepped<float> SmartTurn::probability(Slot slot) const {
  const TurnFeatures& turn = features_.at(static_cast<std::size_t>(index(slot)));
  std::vector<float> features(static_cast<std::size_t>(TurnFeatures::kBands * turn.columns()));
  turn.write(features);
  return sigmoid_of(logit(std::move(features)));
}

void SmartTurn::warm_up() const {
  const TurnFeatures silence(features_.empty() ? 200 : features_.front().columns());
  std::vector<float> features(static_cast<std::size_t>(TurnFeatures::kBands * silence.columns()));
  silence.write(features);
  (void)logit(std::move(features)).run_to_end();
}

Stepped<float> SmartTurn::logit(std::vector<float> features) const {
  assert(features.size() % (2 * TurnFeatures::kBands) == 0 && !features.empty() &&
         features.size() <= TurnFeatures::kBands * kColumnsMax);
  Tensor x = network_->embed(features);  // [columns / 2, 384]
  for (const EncoderLayer& layer : network_->layers) {
    co_await kNextStep;
    x = network_->run_layer(layer, x);
  }
  co_await kNextStep;
  co_return network_->classify(std::move(x));
}

}  // namespace antiphon::models
