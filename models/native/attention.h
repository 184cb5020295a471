#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace antiphon::models {

// Causal attention of the query heads that share one key-value head, for rows at following positions.
struct AttentionCall {
  const std::uint16_t* keys = nullptr;    // (position, head_size), 16-bit floats
  const std::uint16_t* values = nullptr;  // likewise
  int head_size = 0;                      // a multiple of 8
  int first_position = 0;  // of row 0, which sees positions [0, first_position]; row 1 one more
  int rows = 0;
  int heads = 0;                   // query heads of the group; of a row they lie together
  const float* queries = nullptr;  // query (row, head) begins at row * query_stride + head * head_size
  int query_stride = 0;
  float* out = nullptr;  // (row, head) begins at row * out_stride + head * head_size
  int out_stride = 0;
};

// out = softmax(queries keys^T / sqrt(head_size)) values.
// `scratch`: at least first_position + rows floats.
void attend(const AttentionCall& call, std::span<float> scratch);

std::uint16_t half_of_float(float value);

}  // namespace antiphon::models
