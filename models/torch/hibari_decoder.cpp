#include "models/torch/hibari_decoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "models/kernels/conv_depthwise.h"
#include "models/kernels/conv_pointwise.h"

namespace antiphon::models::torch {

HibariDecoder::HibariDecoder(const HibariWeights& weights, const HibariFeatures& features, std::int64_t first)
    : weights_(weights), features_(features), stack_(weights.decoder, features.hops(), first) {}

std::span<const float> HibariDecoder::advance_to(std::int64_t hops, const HibariProsody& prosody) {
  const std::size_t channels = weights_.decoder_bias.size();
  std::int64_t hop = stack_.next_input();
  float* row = stack_.input(std::max(0, stack_.input_missing(hops)));
  for (; hop < stack_.next_input(); ++hop, row += channels) fill_input(hop, prosody, row);
  const std::span<const float> rows = stack_.run(hops);  // [new hops, 256]
  const int count = static_cast<int>(rows.size() / channels);
  normed_.resize(rows.size());
  curves_.resize(std::size_t(count) * row_size());
  kernels::layer_norm(weights_.decoder_norm.view(), rows.data(), count, normed_.data());
  pointwise(weights_.head, normed_.data(), count, curves_.data(), kernels::Epilogue::kStore,
            rounded_);  // [., 5 x 601]
  return curves_;
}

// One row of the input convolution: the text's share is precomputed per symbol, and pitch and energy add
// theirs.
void HibariDecoder::fill_input(std::int64_t hop, const HibariProsody& prosody, float* row) const {
  constexpr int kTaps = 2 * kTapsReach + 1;
  const int channels = static_cast<int>(weights_.decoder_bias.size());
  std::array<const float*, 3 * kTaps> rows{};
  std::array<float, 3 * kTaps> factors{};
  for (int k = 0; k < kTaps; ++k) {
    const std::int64_t at = hop + k - kTapsReach;
    if (at < 0 || at >= features_.hops()) continue;  // zeros beyond the phrase
    const auto index = static_cast<std::size_t>(at);
    const auto symbol = static_cast<std::size_t>(features_.symbol_of_unit[index / 2]);
    rows[k] = features_.decoder_text.data() + (symbol * kTaps + k) * channels;
    factors[k] = 1.0f;
    rows[kTaps + k] = weights_.decoder_pitch.data() + std::ptrdiff_t(k) * channels;
    factors[kTaps + k] = std::log(1.0f + std::max(prosody.pitch()[index], 0.0f)) / 5.0f;
    rows[2 * kTaps + k] = weights_.decoder_energy.data() + std::ptrdiff_t(k) * channels;
    factors[2 * kTaps + k] = prosody.energy()[index] / 5.0f;
  }
  std::ranges::copy(weights_.decoder_bias, row);
  kernels::add_rows(rows, factors, channels, row);
}

}  // namespace antiphon::models::torch
