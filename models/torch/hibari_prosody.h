#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/torch/hibari_config.h"
#include "models/torch/hibari_conv_stack.h"
#include "models/torch/hibari_features.h"
#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {

// Pitch and energy of one phrase, computed from the start as far as they are needed.
//
// Owner: one thread at a time. Lifetime: the arguments must outlive it.
class HibariProsody {
 public:
  HibariProsody(const HibariConfig& config, const HibariWeights& weights, const HibariFeatures& features);

  // Computes on until pitch and energy cover `hops` (or the phrase), but at most kUnitsPerCall units.
  // Returns true when they do.
  bool advance_to(std::int64_t hops);

  std::span<const float> pitch() const { return pitch_; }    // Hz for each hop so far; below 40: unvoiced
  std::span<const float> energy() const { return energy_; }  // for each hop so far

 private:
  static constexpr int kUnitsPerCall = 128;

  bool covers(std::int64_t hops) const;

  const HibariConfig& config_;
  const HibariWeights& weights_;
  const HibariFeatures& features_;
  ConvNextStack stack_;
  kernels::RoundedRows rounded_;
  std::vector<float> pitch_;
  std::vector<float> energy_;
};

}  // namespace antiphon::models::torch
