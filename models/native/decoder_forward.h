#pragma once

#include <span>

#include "models/native/decoder_config.h"
#include "models/native/decoder_weights.h"
#include "models/native/decoder_workspace.h"
#include "models/native/key_value_cache.h"
#include "models/stepped.h"

namespace antiphon::models {

// One row of a pass: where its token stands, and which row of logits it fills (-1: none).
struct PassRow {
  Slot slot{};
  Token token = 0;
  int position = 0;
  int logits_row = -1;
};

// Runs up to DecoderWorkspace::kRowsMax rows through all layers: writes their keys and values to the cache,
// and the logits wanted to work->logits. Rows of one slot are in the order of their positions, and every
// position before them is in the cache. All arguments must outlive the coroutine. Touvron et al. 2023,
// "LLaMA"; Yang et al. 2024, "Qwen2 technical report".
Stepped<void> forward_chunk(const DecoderConfig& config, const DecoderWeights& weights,
                            std::span<const PassRow> rows, KeyValueCache* cache, DecoderWorkspace* work);

}  // namespace antiphon::models
