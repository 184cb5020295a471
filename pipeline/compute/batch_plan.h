// Which rows the language model's next pass has. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

struct BatchLimits {
  // A pass costs about the same for 1 to rows_beside_decode rows, so that many are free for prefill.
  int rows_beside_decode = 8;
  int rows_max = 32;  // of a pass whose prefill is more urgent than every decode
};

// A request that waits for rows.
struct BatchWish {
  int rows = 0;  // tokens left to append: 1 for a decode step
  bool decode = false;
  Deadline deadline = Deadline::never();
};

// rows[i] of the pass go to wishes[i]; 0: not in this pass. Every decode row is in it: one pass over the
// weights serves all sessions. The rest of the rows goes to prefill, the nearest deadline first.
std::vector<int> plan_batch(std::span<const BatchWish> wishes, const BatchLimits& limits);

}  // namespace antiphon::pipeline
