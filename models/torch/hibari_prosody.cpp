#include "models/torch/hibari_prosody.h"

#include <algorithm>
#include <cstddef>

#include "models/kernels/conv_pointwise.h"

namespace antiphon::models::torch {

HibariProsody::HibariProsody(const HibariConfig& config, const HibariWeights& weights,
                             const HibariFeatures& features)
    : config_(config),
      weights_(weights),
      features_(features),
      stack_(weights.prosody, features.hops() / 2, 0) {}

bool HibariProsody::covers(std::int64_t hops) const {
  return static_cast<std::int64_t>(pitch_.size()) >= std::min(hops, features_.hops());
}

bool HibariProsody::advance_to(std::int64_t hops) {
  if (covers(hops)) return true;
  const std::int64_t until =
      std::min({features_.hops() / 2, (hops + 1) / 2, stack_.next_output() + kUnitsPerCall});
  const int channels = weights_.prosody_in.outputs();
  std::int64_t unit = stack_.next_input();
  float* row = stack_.input(std::max(0, stack_.input_missing(until)));
  for (; unit < stack_.next_input(); ++unit) {
    const auto symbol = std::ptrdiff_t(features_.symbol_of_unit[static_cast<std::size_t>(unit)]);
    row = std::copy_n(features_.prosody.begin() + symbol * channels, channels, row);
  }
  const std::span<const float> rows = stack_.run(until);  // [new units, 192]
  const PackedLinear& out = weights_.prosody_out;
  std::vector<float> curves(rows.size() / channels * out.row_size());
  pointwise(out, rows.data(), static_cast<int>(rows.size()) / channels, curves.data(),
            kernels::Epilogue::kStore, rounded_);
  for (std::size_t i = 0; i < curves.size(); i += out.row_size()) {
    pitch_.insert(pitch_.end(), {curves[i] * config_.f0_scale, curves[i + 1] * config_.f0_scale});
    energy_.insert(energy_.end(),
                   {curves[i + 2] * config_.energy_scale, curves[i + 3] * config_.energy_scale});
  }
  return covers(hops);
}

}  // namespace antiphon::models::torch
