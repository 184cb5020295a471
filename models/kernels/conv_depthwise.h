// The row-wise parts of a ConvNeXt block, channels last.
#pragma once

#include <span>

namespace antiphon::models::kernels {

struct NormWeights {
  std::span<const float> weight;  // [channels], a multiple of 8
  std::span<const float> bias;    // [channels]
};

struct DepthwiseWeights {
  std::span<const float> taps;  // [width, channels]: transposed from the usual [channels, 1, width]
  std::span<const float> bias;  // [channels], a multiple of 8
  int width = 0;                // odd
  int dilation = 1;
  NormWeights norm;  // applied to the convolution's rows

  int channels() const { return static_cast<int>(bias.size()); }
  // Rows of input that a row of output needs on each side.
  int reach() const { return dilation * (width / 2); }
};

// Depthwise convolution, then layer normalisation (epsilon 1e-5). in: rows + 2 reach() rows of channels()
// floats, dense; out: `rows` rows. Not overlapping. Never allocates.
void depthwise_norm(const DepthwiseWeights& weights, const float* in, int rows, float* out);
void depthwise_norm_portable(const DepthwiseWeights& weights, const float* in, int rows, float* out);

// Layer normalisation alone (epsilon 1e-5); out may be in.
void layer_norm(const NormWeights& weights, const float* in, int rows, float* out);
void layer_norm_portable(const NormWeights& weights, const float* in, int rows, float* out);

// out[c] += sum over k of weights[k] * rows[k][c]; null rows count as zeros. channels: a multiple of 8.
void add_rows(std::span<const float* const> rows, std::span<const float> weights, int channels, float* out);
void add_rows_portable(std::span<const float* const> rows, std::span<const float> weights, int channels,
                       float* out);

}  // namespace antiphon::models::kernels
