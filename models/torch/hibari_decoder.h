#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/torch/hibari_conv_stack.h"
#include "models/torch/hibari_features.h"
#include "models/torch/hibari_prosody.h"
#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {

// The spectral curves of one phrase, hop by hop: a convolution over text, pitch and energy, eight ConvNeXt
// blocks, a norm and one linear layer. A hop depends on 27 hops on each side.
//
// Owner: one thread at a time. Lifetime: the arguments must outlive it.
class HibariDecoder {
 public:
  // first: the first hop that is wanted.
  HibariDecoder(const HibariWeights& weights, const HibariFeatures& features, std::int64_t first);

  // How many hops of prosody advance_to(hops) needs; more than the phrase has means all.
  std::int64_t prosody_needed(std::int64_t hops) const { return hops + stack_.reach() + kTapsReach; }
  // Computes the curves of the hops up to `hops`, which come back as rows of row_size() floats (five curves
  // of kSpectralBins), valid until the next call. REQUIRES: prosody covers prosody_needed(hops);
  // next_hop() < hops <= the phrase's.
  std::span<const float> advance_to(std::int64_t hops, const HibariProsody& prosody);

  std::int64_t next_hop() const { return stack_.next_output(); }
  int row_size() const { return weights_.head.row_size(); }

 private:
  static constexpr int kTapsReach = 3;

  void fill_input(std::int64_t hop, const HibariProsody& prosody, float* row) const;

  const HibariWeights& weights_;
  const HibariFeatures& features_;
  ConvNextStack stack_;
  kernels::RoundedRows rounded_;
  std::vector<float> normed_;  // [hops, 256]
  std::vector<float> curves_;  // [hops, row_size()]
};

}  // namespace antiphon::models::torch
