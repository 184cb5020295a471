// What a decoder step does with single rows besides matrix products, in f32; AVX2 where the processor has it.
#pragma once

#include <cstddef>
#include <span>

namespace antiphon::models::kernels {

// One head of attention for one query: weights = softmax(query keys^T / sqrt(head_dim)), out = weights
// values.
struct AttendCall {
  const float* query;   // [head_dim]
  const float* keys;    // [count, head_dim], rows `stride` floats apart
  const float* values;  // likewise
  std::ptrdiff_t stride;
  int count;       // at least 1
  int head_dim;    // a multiple of 4
  float* weights;  // [count], written
  float* out;      // [head_dim], written
};
void attend(const AttendCall& call);

// out = (x - mean) / sqrt(variance + 1e-5) * weight; `out` may be `x`.
void layer_norm(const float* x, std::span<const float> weight, float* out);

// out[i] = (value[i] + value_bias[i]) * silu(gate[i] + gate_bias[i]); `out` may be `value`.
struct GateCall {
  const float* value;
  const float* gate;
  const float* value_bias;
  const float* gate_bias;
  int count;
  float* out;
};
void gate_silu(const GateCall& call);

// The same loops without AVX2, for tests.
void attend_portable(const AttendCall& call);
void gate_silu_portable(const GateCall& call);

}  // namespace antiphon::models::kernels
