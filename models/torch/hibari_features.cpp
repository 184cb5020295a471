#include "models/torch/hibari_features.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "models/kernels/conv_pointwise.h"
#include "models/torch/hibari_encoder.h"

namespace antiphon::models::torch {
namespace {

// No symbol lasts longer than this (4 s), whatever the network says; ordinary ones stay below 40 units.
constexpr float kUnitsMax = 160.0f;

std::vector<float> linear_rows(const PackedLinear& layer, std::span<const float> in,
                               kernels::Epilogue epilogue) {
  const int rows = static_cast<int>(in.size()) / layer.inputs();
  std::vector<float> out(std::size_t(rows) * layer.row_size());
  kernels::RoundedRows scratch;
  pointwise(layer, in.data(), rows, out.data(), epilogue, scratch);
  return out;
}

// Each row with its two neighbours (zeros beyond the ends), laid end to end: [rows, C] -> [rows, 3 C].
std::vector<float> with_neighbours(std::span<const float> rows, int channels) {
  const std::size_t count = rows.size() / channels;
  std::vector<float> padded((count + 2) * channels);
  std::ranges::copy(rows, padded.begin() + channels);
  std::vector<float> wide;
  wide.reserve(rows.size() * 3);
  for (std::size_t r = 0; r < count; ++r) {
    const auto from = padded.begin() + std::ptrdiff_t(r) * channels;
    wide.insert(wide.end(), from, from + std::ptrdiff_t(3) * channels);
  }
  return wide;
}

// text: [ids, 192].
std::vector<int> predict_durations(const HibariConfig& config, const HibariWeights& weights,
                                   std::span<const float> text, float speed) {
  const auto wide = with_neighbours(text, weights.prosody_text.channels);
  const auto hidden = linear_rows(weights.duration_hidden, wide, kernels::Epilogue::kGelu);  // [ids, 192]
  const auto log_units = linear_rows(weights.duration, hidden, kernels::Epilogue::kStore);   // [ids, 1 of 16]
  std::vector<int> durations;
  for (std::size_t i = 0; i < log_units.size(); i += weights.duration.row_size()) {
    const float units = std::nearbyint((std::exp(log_units[i]) - 1.0f) / speed);  // half to even
    const float least = static_cast<float>(config.min_duration);
    durations.push_back(units > least ? static_cast<int>(std::min(units, kUnitsMax)) : config.min_duration);
  }
  return durations;
}

}  // namespace

Stepped<HibariFeatures> make_features(const HibariConfig& config, const HibariWeights& weights,
                                      std::vector<int> ids, float speed) {
  HibariFeatures features;
  const auto prosody_text =
      co_await encode_text(weights.prosody_text, ids, config.heads, config.prosody_repeats);
  features.durations = predict_durations(config, weights, prosody_text, speed);
  for (std::size_t i = 0; i < features.durations.size(); ++i) {
    features.symbol_of_unit.insert(features.symbol_of_unit.end(), features.durations[i], static_cast<int>(i));
  }
  features.prosody = linear_rows(weights.prosody_in, prosody_text, kernels::Epilogue::kStore);
  const auto text = co_await encode_text(weights.text, ids, config.heads, config.text_repeats);
  features.decoder_text = linear_rows(weights.decoder_text, text, kernels::Epilogue::kStore);
  co_return features;
}

}  // namespace antiphon::models::torch
