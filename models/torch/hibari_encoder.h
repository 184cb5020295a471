#pragma once

#include <span>
#include <vector>

#include "models/stepped.h"
#include "models/torch/hibari_weights.h"

namespace antiphon::models::torch {

// Encodes symbol ids as rows [ids, channels]: embedding, two ConvNeXt blocks, one transformer layer applied
// `repeats` times (no mask, no positions), layer norm. A step takes at most about 0.4 GFLOP. The arguments
// must outlive the result.
Stepped<std::vector<float>> encode_text(const TextEncoderWeights& weights, std::span<const int> ids,
                                        int heads, int repeats);

}  // namespace antiphon::models::torch
