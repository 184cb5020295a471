#pragma once

#include <cstddef>
#include <cstdint>

namespace antiphon::models::kernels {

// Attention of rows of queries to one slot's cached keys and values; Element is float or Float16 (as
// std::uint16_t). Sizes and strides count elements.
template <class Element>
struct AttentionCall {
  int heads = 0;     // of queries
  int kv_heads = 0;  // heads is a multiple: query head h reads head h / (heads / kv_heads)
  int head_size = 0;
  float scale = 0;  // of a score, usually 1 / sqrt(head_size)

  int rows = 0;
  int positions = 0;   // > 0: row 0 sees positions [0, positions)
  bool causal = true;  // each further row sees one more; otherwise the same

  const float* queries = nullptr;  // row r, head h at r * query_stride + h * head_size
  std::ptrdiff_t query_stride = 0;
  const Element* keys = nullptr;  // head h, position p at h * cache_stride + p * head_size
  const Element* values = nullptr;
  std::ptrdiff_t cache_stride = 0;
  float* out = nullptr;  // like queries; may be the same memory
  std::ptrdiff_t out_stride = 0;
};

}  // namespace antiphon::models::kernels
