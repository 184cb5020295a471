#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/weights/safetensors.h"

namespace antiphon::models::text {

// The float loops of a small transformer on rows of values: enough for the spelling network, which is too
// small to be worth a tensor library. Uses AVX2 where the processor has it. All pure.

// y (rows, out) = x (rows, in) * weight (out, in)^T + bias (out). REQUIRES: in is a multiple of 8.
void affine(std::span<const float> x, std::span<const float> weight, std::span<const float> bias,
            std::span<float> y);
// y (rows, width) = x normalised per row, times scale plus shift (width); epsilon 1e-5.
void layer_norm(std::span<const float> x, std::span<const float> scale, std::span<const float> shift,
                std::span<float> y);
// x * Phi(x), the exact form with erf, in place.
void gelu(std::span<float> x);
// y (rows, width) = attention of all rows to all rows, from qkv (rows, 3 * width), without mask.
void self_attention(std::span<const float> qkv, int rows, int heads, std::span<float> y);

// One pre-norm layer: x += attention(norm1(x)); x += linear2(gelu(linear1(norm2(x)))).
struct TransformerLayer {
  std::span<const float> norm1_scale, norm1_shift;
  std::span<const float> in_weight, in_bias;    // (3 * width, width): queries, keys, values
  std::span<const float> out_weight, out_bias;  // (width, width)
  std::span<const float> norm2_scale, norm2_shift;
  std::span<const float> up_weight, up_bias;      // (inner, width)
  std::span<const float> down_weight, down_bias;  // (width, inner)

  // Views into the file, which must outlive the layer; throws if a tensor is missing or has another shape.
  static TransformerLayer from(const SafetensorsFile& file, const std::string& prefix, int width, int inner);
  void apply(std::vector<float>& x, int heads) const;  // x (rows, width)
};

}  // namespace antiphon::models::text
