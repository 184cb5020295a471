#pragma once

#include <cstddef>
#include <vector>

#include "models/native/decoder_config.h"
#include "models/native/decoder_source.h"
#include "models/native/linear.h"

namespace antiphon::models {

struct DecoderLayer {
  std::vector<float> attention_norm;        // (width)
  Linear query_key_value;                   // (query_width + 2 * kv_width, width)
  std::vector<float> query_key_value_bias;  // (query_width + 2 * kv_width), or empty
  Linear attention_output;                  // (width, query_width)
  std::vector<float> feed_forward_norm;     // (width)
  Linear gate_up;                           // (2 * feed_forward, width): gates, then ups
  Linear down;                              // (width, feed_forward)

  std::size_t bytes() const;
};

// Constant after loading. The embedding stays in the file, which must outlive this; rows are read one by one.
struct DecoderWeights {
  WeightTensor embedding;  // (vocabulary, width)
  std::vector<DecoderLayer> layers;
  std::vector<float> output_norm;  // (width)
  std::vector<double>
      angle_per_position;  // (head_size / 2): radians that a pair turns from one position to the next
  Linear output;           // (vocabulary, width); the embedding where the file has no own

  std::size_t pass_bytes() const;  // all matrices
};

// Throws std::runtime_error that names the file and the tensor.
DecoderWeights load_decoder_weights(const DecoderSource& source, const DecoderConfig& config,
                                    Arithmetic arithmetic);

}  // namespace antiphon::models
