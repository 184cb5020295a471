#include "models/kernels/vector_ops.h"

#include <cassert>

#include "models/kernels/attention.h"
#include "models/kernels/processor.h"

namespace antiphon::models::kernels {
namespace {

template <class T>
int size_of(std::span<T> x) {
  return static_cast<int>(x.size());
}

template <class Element>
void check(const AttentionCall<Element>& call) {
  assert(call.head_size > 0 && call.head_size <= kHeadSizeMax && call.kv_heads > 0 &&
         call.heads % call.kv_heads == 0 && call.positions > 0);
}

}  // namespace

void rms_norm(std::span<const float> x, const float* weight, float epsilon, float* y) {
  active_kernels().rms_norm(x.data(), weight, epsilon, y, size_of(x));
}
void layer_norm(std::span<const float> x, const float* weight, const float* bias, float epsilon, float* y) {
  active_kernels().layer_norm(x.data(), weight, bias, epsilon, y, size_of(x));
}
void silu_multiply(std::span<const float> gate, const float* up, float* y) {
  active_kernels().silu_multiply(gate.data(), up, y, size_of(gate));
}
void gelu(std::span<const float> x, float* y) {
  active_kernels().gelu(x.data(), y, size_of(x));
}
void exponential(std::span<const float> x, float* y) {
  active_kernels().exponential(x.data(), y, size_of(x));
}
void softmax(std::span<float> x) {
  active_kernels().softmax(x.data(), size_of(x));
}
float dot(std::span<const float> a, const float* b) {
  return active_kernels().dot(a.data(), b, size_of(a));
}
void add(std::span<const float> x, float* y) {
  active_kernels().add(x.data(), y, size_of(x));
}
void add_scaled(float scale, std::span<const float> x, float* y) {
  active_kernels().add_scaled(scale, x.data(), y, size_of(x));
}
void rotate_pairs(float* x, std::span<const float> cosines, const float* sines) {
  active_kernels().rotate_pairs(x, cosines.data(), sines, size_of(cosines));
}
void rotate_halves(float* x, std::span<const float> cosines, const float* sines) {
  active_kernels().rotate_halves(x, cosines.data(), sines, size_of(cosines));
}
int argmax(std::span<const float> x) {
  assert(!x.empty());
  return active_kernels().argmax(x.data(), size_of(x));
}
void widen(std::span<const Float16> x, float* y) {
  active_kernels().widen(x.data(), y, size_of(x));
}
void narrow(std::span<const float> x, Float16* y) {
  active_kernels().narrow(x.data(), y, size_of(x));
}

void attend(const AttentionCall<std::uint16_t>& call) {
  check(call);
  active_kernels().attend_f16(call);
}
void attend(const AttentionCall<float>& call) {
  check(call);
  active_kernels().attend_f32(call);
}

}  // namespace antiphon::models::kernels
