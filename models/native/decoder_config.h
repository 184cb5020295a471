#pragma once

#include <string>

namespace antiphon::models {

// The shape of a decoder of the Llama or Qwen2 family (Touvron et al. 2023; Yang et al. 2024): RMS norms,
// rotary positions, grouped key-value heads, a SwiGLU feed-forward part.
struct DecoderConfig {
  // Which elements of a head a rotation pairs: (0, 1), (2, 3), ... or (i, i + head_size / 2).
  enum class RotaryPairs { kNeighbours, kHalves };

  std::string name;
  std::string family;
  int layers = 0;
  int width = 0;
  int feed_forward = 0;
  int heads = 0;
  int kv_heads = 0;  // divides heads: query head h reads key-value head h / (heads / kv_heads)
  int head_size = 0;
  int vocabulary = 0;
  int trained_context_tokens = 0;
  float norm_epsilon = 0;
  float rotary_base = 0;
  float position_scale = 1;  // positions are multiplied by it (linear rope scaling)
  RotaryPairs rotary_pairs = RotaryPairs::kHalves;

  int query_width() const { return heads * head_size; }
  int kv_width() const { return kv_heads * head_size; }
};

}  // namespace antiphon::models
