// Linear layers (pointwise convolutions) in f32 over rows, for few rows at a time.
//
// A stream of sound gives a network 2 to 40 rows per call, where a general matrix product spends its time on
// packing the weights anew; here they are packed once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

namespace antiphon::models::kernels {

template <class Value>
struct CacheLineAllocator {
  using value_type = Value;
  CacheLineAllocator() = default;
  template <class Other>
  CacheLineAllocator(const CacheLineAllocator<Other>&) {}
  Value* allocate(std::size_t n) {
    return static_cast<Value*>(::operator new(n * sizeof(Value), std::align_val_t(64)));
  }
  void deallocate(Value* p, std::size_t) { ::operator delete(p, std::align_val_t(64)); }
  bool operator==(const CacheLineAllocator&) const { return true; }
};

// The weights of one linear layer in panels of 16 outputs: panel p holds inputs() rows of 16.
//
// Weights that came from symmetric 8-bit quantisation (all are whole multiples, -127 to 127, of one step) are
// kept as bytes and multiplied by the step after the sum: the same numbers to f32 rounding, in a quarter of
// the memory, which is what limits a layer with few rows. Others are kept as f32.
//
// Owner:  any thread; immutable after construction.
// Memory: one copy of the weights, outputs rounded up to a multiple of 16.
class PackedLinear {
 public:
  static constexpr int kPanel = 16;

  PackedLinear() = default;
  // weight: [outputs, inputs] row-major. bias and scale: [outputs] or empty; `scale` multiplies an output's
  // weights and bias.
  PackedLinear(std::span<const float> weight, std::span<const float> bias, int outputs, int inputs,
               std::span<const float> scale = {});

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }
  int panels() const { return (outputs_ + kPanel - 1) / kPanel; }
  // Floats that one row of output takes: the outputs, then zeros up to a whole panel.
  int row_size() const { return panels() * kPanel; }

  bool holds_bytes() const { return !bytes_.empty(); }
  const std::int8_t* byte_panel(int p) const { return bytes_.data() + panel_offset(p); }
  const float* float_panel(int p) const { return floats_.data() + panel_offset(p); }
  const float* scale(int p) const { return scale_.data() + p * kPanel; }
  const float* bias(int p) const { return bias_.data() + p * kPanel; }

 private:
  std::size_t panel_offset(int p) const { return std::size_t(p) * std::size_t(inputs_) * kPanel; }
  std::size_t place(int output, int input) const {
    return panel_offset(output / kPanel) + std::size_t(input) * kPanel + std::size_t(output % kPanel);
  }

  int inputs_ = 0;
  int outputs_ = 0;
  std::vector<std::int8_t, CacheLineAllocator<std::int8_t>> bytes_;  // one of these two is empty
  std::vector<float, CacheLineAllocator<float>> floats_;
  std::vector<float, CacheLineAllocator<float>> scale_;  // [row_size()]
  std::vector<float, CacheLineAllocator<float>> bias_;   // [row_size()]
};

enum class Epilogue {
  kStore,  // out = in W + b
  kGelu,   // out = gelu(in W + b), the exact (erf) form to 2e-7 |x|
  kAdd,    // out += in W + b
};

// in: rows of layer.inputs() floats, dense. out: rows of layer.row_size() floats, dense. Not overlapping.
// A row's result does not depend on how many rows the call has. Never allocates.
void pointwise(const PackedLinear& layer, const float* in, int rows, float* out, Epilogue epilogue);

// The plain form of pointwise(), for processors without AVX2 and as the tests' oracle.
void pointwise_portable(const PackedLinear& layer, const float* in, int rows, float* out, Epilogue epilogue);

}  // namespace antiphon::models::kernels
