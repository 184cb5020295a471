#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/kernels/int8_matrix.h"
#include "models/native/moonshine_config.h"
#include "models/native/rotary_table.h"
#include "models/weights/safetensors.h"

namespace antiphon::models {

// One utterance in the decoder. Allocated once, when the utterance begins.
struct MoonshineDecoderState {
  int rows = 0;           // of the encoder's output that is attended to
  int positions_max = 0;  // tokens that fit, the start token included
  int position = 0;       // tokens fed so far
  // Of each layer, keys then values. A layer's cross part is allocated when it is filled: a step's worth.
  std::vector<std::vector<float>> self_cache;   // [2, heads, positions_max, head_dim]
  std::vector<std::vector<float>> cross_cache;  // [2, heads, rows, head_dim]

  // Working rows of one pass; n = tokens of the pass.
  std::vector<float> x, normed, mixed;  // [n, D]
  std::vector<float> qkv;               // [n, 3D]
  std::vector<float> inner;             // [n, 2F]
  kernels::Int16Rows rounded;           // the input of the product at hand
  std::vector<float> weights;           // [rows], of a watched head
  std::vector<float> logits;            // [kLogitRowsMax, vocabulary]

  // For word times: attention of the watched heads to the encoder's rows, averaged, for each token fed.
  bool watch_attention = false;
  std::vector<float> attention;  // [positions_max, rows], empty unless watched
};

// The text half of Moonshine: causal self attention with rotary positions, attention to the encoder's rows,
// gated feed-forward. https://arxiv.org/abs/2410.15608
//
// A pass takes the next tokens of one utterance through begin(), every layer, and finish(), so that its
// caller can pause in between.
//
// Owner:  any thread; immutable after construction. A state belongs to one utterance.
// Memory: the int8 weights as they are stored, about 39 MB (base-en) or 18 MB (tiny-en).
// Errors: the constructor throws std::runtime_error that names the file and the tensor.
class MoonshineDecoder {
 public:
  using State = MoonshineDecoderState;
  static constexpr int kTokensPerPassMax = 256;
  static constexpr int kLogitRowsMax = 8;

  MoonshineDecoder(const SafetensorsFile& file, const MoonshineConfig& config);

  const MoonshineConfig& config() const { return config_; }
  int layers() const { return config_.decoder_layers; }

  // A state for at most `positions` tokens; its cross keys and values are still to be filled.
  State begin_utterance(int rows, int positions, bool watch_attention) const;
  // Fills layer `layer`'s cross keys and values for rows first..first+count of `encoded` [rows, D].
  void attend_to(State& state, int layer, std::span<const float> encoded, int first, int count) const;

  // REQUIRES: 1 <= tokens.size() <= kTokensPerPassMax, ids in the vocabulary, and room in the state.
  void begin_pass(State& state, std::span<const int> tokens) const;
  void run_layer(State& state, int layer, int tokens) const;
  // After the last layer; the tokens of the pass count as fed.
  void finish_pass(State& state, int tokens) const;
  // Logits that follow tokens first..first+count of the pass, valid until the next call: [count, vocabulary].
  // REQUIRES: count <= kLogitRowsMax.
  std::span<const float> logits(State& state, int first, int count) const;

  // Forgets all tokens after the first `positions`.
  static void cut_back(State& state, int positions);

 private:
  struct Layer {
    std::vector<float> self_norm, cross_norm, mlp_norm;  // [D]
    kernels::Int8Matrix self_qkv;                        // D -> 3D
    kernels::Int8Matrix self_out;                        // D -> D
    kernels::Int8Matrix cross_query;                     // D -> D
    kernels::Int8Matrix cross_key_value;                 // D -> 2D
    kernels::Int8Matrix cross_out;                       // D -> D
    kernels::Int8Matrix fc1;                             // D -> 2F
    kernels::Int8Matrix fc2;                             // F -> D
    std::vector<float> fc1_bias, fc2_bias;               // [2F], [D]
  };

  void normalise(State& state, std::span<const float> weight, int tokens) const;
  void self_attention(State& state, int layer, int tokens) const;
  void cross_attention(State& state, int layer, int tokens) const;
  void store_keys_values(const float* row, int capacity, int position, float* cache) const;
  void attend(State& state, const std::vector<float>& cache, int capacity, int positions, bool causal,
              int query_stride, int tokens) const;
  void watch(State& state, int layer, int token) const;
  void feed_forward(State& state, const Layer& weights, int tokens) const;

  MoonshineConfig config_;
  kernels::Int8Matrix embedding_;  // [vocabulary, D], also the output matrix
  std::vector<Layer> layers_;
  std::vector<float> norm_;  // [D]
  RotaryTable rotary_;
};

}  // namespace antiphon::models
