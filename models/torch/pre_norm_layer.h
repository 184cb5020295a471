// Only for files in models/torch: the transformer layer that the networks which hear have in common.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "models/kernels/sequence_attention.h"
#include "models/torch/precision.h"
#include "models/torch/row_linear.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {

// `count` rows of `width` floats, dense.
struct Rows {
  Rows(int rows, int row_width)
      : count(rows), width(row_width), values(static_cast<std::size_t>(rows) * row_width) {}
  float* row(int index) { return values.data() + static_cast<std::ptrdiff_t>(index) * width; }

  int count;
  int width;
  std::vector<float> values;
};

// Layer normalisation over rows.
class RowNorm {
 public:
  // Copies NAME.weight and, where the file has it, NAME.bias (else 0), [width] each.
  RowNorm(const SafetensorsFile& file, const std::string& name, int width, float epsilon = 1e-5F);
  // y may be x.
  void operator()(const float* x, int count, float* y) const;

 private:
  std::vector<float> weight_, bias_;
  float epsilon_;
};

// What a layer's inputs are rounded to with kInt8. After a norm a few channels are far larger than the others
// (8 bits would make nine tenths of the squared error of a whole encoder), so these keep 13 bits; what
// attention and GELU give bears 8.
inline kernels::Inputs precise_inputs(Precision precision) {
  return precision == Precision::kF32 ? kernels::Inputs::kF32 : kernels::Inputs::kRounded;
}
inline kernels::Inputs coarse_inputs(Precision precision) {
  return precision == Precision::kF32 ? kernels::Inputs::kF32 : kernels::Inputs::kBytes;
}

// What a forward pass needs besides its rows; each layer uses it again.
//
// Owner: one forward pass.
struct LayerScratch {
  LayerScratch(int heads, int head_size) : attention(heads, head_size) {}

  kernels::SequenceAttention attention;
  RowLinear::Scratch linear;
  std::vector<float> normed;  // [n, D]
  std::vector<float> mixed;   // [n, D]
  std::vector<float> inner;   // [n, F]
};

// x += out(attention(norm(x))), then x += fc2(gelu(fc1(norm(x)))): every row attends to all of a sequence.
// Any number of rows at a time, in two passes: project() all of them, have scratch.attention read the keys
// and values, finish() them.
//
// Owner: any thread; immutable.
struct PreNormLayer {
  RowNorm attention_norm;   // [D]
  RowLinear qkv;            // D -> 3D
  RowLinear attention_out;  // D -> D
  RowNorm inner_norm;       // [D]
  RowLinear fc1;            // D -> F
  RowLinear fc2;            // F -> D

  // Queries, keys and values: x [count, D] -> rows [count, 3D].
  void project(const float* x, int count, float* rows, LayerScratch& scratch) const;
  // The rest of the layer for x [count, D], in place. queries: its rows of project().
  void finish(const float* queries, float* x, int count, LayerScratch& scratch) const;
};

}  // namespace antiphon::models::torch
