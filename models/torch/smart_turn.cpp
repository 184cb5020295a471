#include "models/torch/smart_turn.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <stdexcept>
#include <string>

#include "models/kernels/vector_ops.h"
#include "models/torch/layer_norm.h"
#include "models/torch/packed_linear.h"
#include "models/torch/pre_norm_layer.h"
#include "models/torch/row_linear.h"
#include "models/torch/weights.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {
namespace {

using at::Tensor;
using kernels::Epilogue;
using torch::LayerNorm;
using torch::LayerScratch;
using torch::PackedLinear;
using torch::Precision;
using torch::PreNormLayer;
using torch::RowLinear;
using torch::RowNorm;
using torch::Rows;
using torch::StoredWeight;

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

PreNormLayer read_layer(const SafetensorsFile& file, const std::string& prefix, Precision precision) {
  const auto weight = [&](const char* name) { return StoredWeight::read(file, prefix + name + ".weight"); };
  const auto bias = [&](const char* name) { return torch::mapped_tensor(file, prefix + name + ".bias"); };
  const Tensor qkv_bias =
      at::cat({bias("self_attn.q_proj"), at::zeros({kWidth}, at::kFloat), bias("self_attn.v_proj")});
  return {.attention_norm = {file, prefix + "self_attn_layer_norm", kWidth},
          .qkv = {{weight("self_attn.q_proj"), weight("self_attn.k_proj"), weight("self_attn.v_proj")},
                  qkv_bias,
                  torch::precise_inputs(precision)},
          .attention_out = {{weight("self_attn.out_proj")},
                            bias("self_attn.out_proj"),
                            torch::coarse_inputs(precision)},
          .inner_norm = {file, prefix + "final_layer_norm", kWidth},
          .fc1 = {{weight("fc1")}, bias("fc1"), torch::precise_inputs(precision)},
          .fc2 = {{weight("fc2")}, bias("fc2"), torch::coarse_inputs(precision)}};
}

RowLinear read_convolution(const SafetensorsFile& file, const std::string& name, Precision precision) {
  return {{StoredWeight::read(file, name + ".weight").windowed()},
          torch::mapped_tensor(file, name + ".bias"),
          torch::precise_inputs(precision)};
}

}  // namespace

struct SmartTurn::Network {
  Network(const std::filesystem::path& path, Precision precision)
      : file(path),
        convolution1(read_convolution(file, "encoder.conv1", precision)),
        convolution2(read_convolution(file, "encoder.conv2", precision)),
        positions(torch::mapped_tensor(file, "encoder.embed_positions.weight", {kPositions, kWidth})),
        norm(file, "encoder.layer_norm", kWidth),
        pool_in(file, "pool_attention.0", kPool, kWidth),
        pool_out(file, "pool_attention.2", 1, kPool),
        classifier_in(file, "classifier.0", kPool, kWidth),
        classifier_norm(file, "classifier.1", kPool, kEpsilon),
        classifier_inner(file, "classifier.4", kClassifier, kPool),
        classifier_out(file, "classifier.6", 1, kClassifier) {
    for (int i = 0; i < kLayers; ++i) {
      layers.push_back(read_layer(file, "encoder.layers." + std::to_string(i) + ".", precision));
    }
    file.file().release_pages();  // most weights are packed copies now
  }

  // Both convolutions see three rows, with a row of zeros before the first and after the last.
  Rows embed(const std::vector<float>& features, LayerScratch& scratch) const {
    constexpr int kBands = TurnFeatures::kBands;
    const int columns = static_cast<int>(features.size()) / kBands;
    Rows mel(columns + 2, kBands);
    for (int i = 0; i < columns; ++i) {
      for (int band = 0; band < kBands; ++band) mel.row(i + 1)[band] = features[band * columns + i];
    }
    Rows inner(columns + 2, kWidth);
    convolution1(mel.row(0), columns, kBands, inner.row(1), Epilogue::kGelu, scratch.linear);
    Rows x(columns / 2, kWidth);
    convolution2(inner.row(0), x.count, 2 * kWidth, x.row(0), Epilogue::kGelu, scratch.linear);
    // A cropped window is the end of 8 s.
    kernels::add({positions.const_data_ptr<float>() + (kPositions - x.count) * kWidth, x.values.size()},
                 x.row(0));
    return x;
  }

  float classify(Rows& rows) const {
    const c10::InferenceMode guard;
    norm(rows.row(0), rows.count, rows.row(0));
    Tensor x = at::from_blob(rows.row(0), {rows.count, kWidth}, at::kFloat);
    const Tensor attention = pool_out(pool_in(x).tanh_()).softmax(0);  // [T, 1]
    x = (x * attention).sum(0, /*keepdim=*/true);                      // [1, 384]
    x = at::gelu(classifier_norm(classifier_in(x)));                   // [1, 256]
    x = at::gelu(classifier_inner(x));                                 // [1, 64]
    return classifier_out(x).item<float>();
  }

  SafetensorsFile file;
  RowLinear convolution1, convolution2;
  Tensor positions;
  std::vector<PreNormLayer> layers;
  RowNorm norm;
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
  const c10::InferenceMode guard;
  network_ = std::make_unique<Network>(config.weights, config.precision);
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
  LayerScratch scratch(kHeads, kWidth / kHeads);
  Rows x = network_->embed(features, scratch);  // [columns / 2, 384]
  Rows qkv(x.count, 3 * kWidth);
  for (const PreNormLayer& layer : network_->layers) {
    co_await kNextStep;
    layer.project(x.row(0), x.count, qkv.row(0), scratch);
    scratch.attention.read(qkv.row(0) + kWidth, qkv.row(0) + 2 * kWidth, qkv.width, qkv.count);
    layer.finish(qkv.row(0), x.row(0), x.count, scratch);
  }
  co_await kNextStep;
  co_return network_->classify(x);
}

}  // namespace antiphon::models
