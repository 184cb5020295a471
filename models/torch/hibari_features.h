#pragma once

#include <cstdint>
#include <vector>

#include "models/stepped.h"
#include "models/torch/hibari_config.h"
#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {

// What must see the whole phrase: made once, before the first sound.
struct HibariFeatures {
  std::vector<int> durations;       // for each id, in units of 25 ms (two hops)
  std::vector<int> symbol_of_unit;  // [units] index of the id that sounds then
  std::vector<float> decoder_text;  // [ids, 7 x 256]: HibariWeights::decoder_text of each id
  std::vector<float> prosody;       // [ids, 192]: HibariWeights::prosody_in of each id

  std::int64_t hops() const { return 2 * static_cast<std::int64_t>(symbol_of_unit.size()); }
};

// ids: with the pad at both ends. speed: positive. config and weights must outlive the result.
Stepped<HibariFeatures> make_features(const HibariConfig& config, const HibariWeights& weights,
                                      std::vector<int> ids, float speed);

}  // namespace antiphon::models::torch
