// What the networks do to vectors of f32 between matrix products, on the kernels of this processor.
// y may be x everywhere; other overlaps are not allowed.
#pragma once

#include <span>

#include "models/kernels/float16.h"

namespace antiphon::models::kernels {

// y = x / sqrt(mean(x^2) + epsilon) * weight
void rms_norm(std::span<const float> x, const float* weight, float epsilon, float* y);
// y = (x - mean(x)) / sqrt(variance(x) + epsilon) * weight + bias; bias may be null.
void layer_norm(std::span<const float> x, const float* weight, const float* bias, float epsilon, float* y);

// y = gate * sigmoid(gate) * up
void silu_multiply(std::span<const float> gate, const float* up, float* y);
// y = x * (1 + erf(x / sqrt 2)) / 2; absolute error below 5e-7 |x| + 1e-7.
void gelu(std::span<const float> x, float* y);
// Relative error below 2e-7 where the result is a normal number; 0 below -87.3, infinity above 88.7.
void exponential(std::span<const float> x, float* y);
// In place, of finite values.
void softmax(std::span<float> x);

float dot(std::span<const float> a, const float* b);
// y += x
void add(std::span<const float> x, float* y);
// y += scale * x
void add_scaled(float scale, std::span<const float> x, float* y);

// Rotary position embedding in place, of one head (or its first 2 * cosines.size() values): pair i turns by
// the angle whose cosine and sine are given. Pairs are (2i, 2i + 1), or (i, i + pairs).
void rotate_pairs(float* x, std::span<const float> cosines, const float* sines);
void rotate_halves(float* x, std::span<const float> cosines, const float* sines);

// The first of the largest; not-a-number is never the largest.  REQUIRES: x is not empty.
int argmax(std::span<const float> x);

void widen(std::span<const Float16> x, float* y);
// To the nearest, ties to even.
void narrow(std::span<const float> x, Float16* y);

}  // namespace antiphon::models::kernels
