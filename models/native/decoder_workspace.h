#pragma once

#include <span>
#include <vector>

#include "models/language_model.h"
#include "models/native/decoder_config.h"
#include "models/native/linear.h"
#include "models/native/step_budget.h"
#include "models/work_sharing.h"

namespace antiphon::models {

// Rows of one slot that stand next to each other in a chunk, and so attend together.
struct RowRun {
  Slot slot{};
  int first_row = 0;
  int rows = 0;
  int first_position = 0;
};

// The buffers of one pass over up to kRowsMax rows. Everything is allocated in the constructor; one pass at a
// time uses it.
struct DecoderWorkspace {
  // Enough rows to multiply at full speed; more would only make steps longer and buffers larger.
  static constexpr int kRowsMax = 64;

  DecoderWorkspace(const DecoderConfig& config, int slots, Arithmetic arithmetic);

  int rows = 0;                        // of the present chunk
  std::vector<RowRun> runs;            // cover the rows in order
  std::vector<float> hidden;           // (rows, width)
  LinearInput input;                   // (rows, what the next matrix takes)
  std::vector<float> query_key_value;  // (rows, query_width + 2 * kv_width)
  std::vector<float> gate_up;          // (rows, 2 * feed_forward)
  std::vector<float> change;           // (rows, width): what attention or feed-forward adds
  std::vector<float> cosines;          // (rows, head_size / 2)
  std::vector<float> sines;            // (rows, head_size / 2)
  std::vector<float> logits;           // (slots, vocabulary)
  std::vector<float> logit_inputs;     // (slots, width)
  StepBudget budget;
  WorkSharing* sharing = nullptr;  // of the present pass, or null
};

}  // namespace antiphon::models
