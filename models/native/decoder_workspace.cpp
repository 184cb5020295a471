#include "models/native/decoder_workspace.h"

#include <algorithm>

namespace antiphon::models {
namespace {

std::size_t floats(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

}  // namespace

DecoderWorkspace::DecoderWorkspace(const DecoderConfig& config, int slots, Arithmetic arithmetic)
    : hidden(floats(kRowsMax, config.width)),
      input(kRowsMax, std::max({config.width, config.query_width(), config.feed_forward}), arithmetic),
      query_key_value(floats(kRowsMax, config.query_width() + 2 * config.kv_width())),
      gate_up(floats(kRowsMax, 2 * config.feed_forward)),
      change(floats(kRowsMax, config.width)),
      cosines(floats(kRowsMax, config.head_size / 2)),
      sines(floats(kRowsMax, config.head_size / 2)),
      logits(floats(slots, config.vocabulary)),
      logit_inputs(floats(std::min(slots, kRowsMax), config.width)) {
  runs.reserve(kRowsMax);
}

}  // namespace antiphon::models
