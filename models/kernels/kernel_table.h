// The functions that each processor's unit provides. No standard library: these units are compiled for one
// processor, and an inline function that they share with others could be kept in their version.
#pragma once

#include "models/kernels/attention_call.h"
#include "models/kernels/finish_call.h"
#include "models/kernels/pointwise_call.h"
#include "models/kernels/tile_layout.h"

namespace antiphon::models::kernels {

struct KernelTable {
  // quantised_matrix.h, quantised_activations.h
  void (*multiply)(const TileCall& call);
  void (*quantise)(const QuantiseCall& call);
  // conv_pointwise.h
  void (*pointwise)(const PointwiseCall& call);
  // int8_matrix.h
  void (*finish)(const FinishCall& call);
  // attention.h
  void (*attend_f16)(const AttentionCall<std::uint16_t>& call);
  void (*attend_f32)(const AttentionCall<float>& call);
  // vector_ops.h
  void (*rms_norm)(const float* x, const float* weight, float epsilon, float* y, int n);
  void (*layer_norm)(const float* x, const float* weight, const float* bias, float epsilon, float* y, int n);
  void (*silu_multiply)(const float* gate, const float* up, float* y, int n);
  void (*gelu)(const float* x, float* y, int n);
  void (*exponential)(const float* x, float* y, int n);
  void (*softmax)(float* x, int n);
  float (*dot)(const float* a, const float* b, int n);
  void (*add)(const float* x, float* y, int n);
  void (*add_scaled)(float scale, const float* x, float* y, int n);
  void (*rotate_pairs)(float* x, const float* cosines, const float* sines, int pairs);
  void (*rotate_halves)(float* x, const float* cosines, const float* sines, int pairs);
  int (*argmax)(const float* x, int n);
  void (*widen)(const std::uint16_t* x, float* y, int n);
  void (*narrow)(const float* x, std::uint16_t* y, int n);
};

extern const KernelTable kPortableKernels;
#if defined(__x86_64__)
extern const KernelTable kAvx2Kernels;
extern const KernelTable kAvx512Kernels;
#endif

}  // namespace antiphon::models::kernels
