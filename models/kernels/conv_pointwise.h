// Linear layers (pointwise convolutions) over rows, for few rows at a time.
//
// A stream of sound gives a network 2 to 40 rows per call, where a general matrix product spends its time on
// packing the weights anew; here they are packed once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "models/kernels/byte_matrix.h"
#include "models/kernels/int8_matrix.h"
#include "models/kernels/pointwise_call.h"

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

// What a layer whose weights are 8-bit multiplies them with.
enum class Inputs : std::uint8_t {
  kF32,      // the rows as they are
  kRounded,  // rounded to 13 bits or more, each row with a step of its own (Int8Matrix)
  kBytes     // rounded to 8 bits (ByteMatrix) where the processor is faster at it, else as kRounded
};

// The rounded inputs of the layer at hand; kept by the caller to be used again without allocation.
struct RoundedRows {
  Int16Rows int16;
  ByteRows bytes;
};

// The weights of one linear layer in panels of 16 outputs: panel p holds inputs() rows of 16.
//
// Weights that came from symmetric 8-bit quantisation (all are whole multiples, -127 to 127, of one step) are
// kept as bytes and multiplied by the step after the sum: the same numbers to f32 rounding, in a quarter of
// the memory, which is what limits a layer with few rows. Others are kept as f32, and so are their inputs.
//
// Owner:  any thread; immutable after construction.
// Memory: one copy of the weights, outputs rounded up to a multiple of 16.
class PackedLinear {
 public:
  static constexpr int kPanel = kPointwisePanel;

  PackedLinear() = default;
  // weight: [outputs, inputs] row-major. bias and scale: [outputs] or empty; `scale` multiplies an output's
  // weights and bias. Rounded inputs must be a multiple of 4.
  PackedLinear(std::span<const float> weight, std::span<const float> bias, int outputs, int inputs,
               std::span<const float> scale = {}, Inputs kind = Inputs::kF32);

  int inputs() const { return inputs_; }
  int outputs() const { return outputs_; }
  int panels() const { return (outputs_ + kPanel - 1) / kPanel; }
  // Floats that one row of output takes: the outputs, then zeros up to a whole panel unless inputs are
  // rounded.
  int row_size() const { return rounds_inputs() ? outputs_ : panels() * kPanel; }

  bool holds_bytes() const { return !bytes_.empty(); }
  bool rounds_inputs() const { return int16_products_.inputs() > 0 || rounds_to_bytes(); }
  bool rounds_to_bytes() const { return byte_products_.inputs() > 0; }
  std::span<const float> bias() const { return {bias_.data(), std::size_t(outputs_)}; }
  // out = in W + b and so on for a layer that rounds its inputs.
  void multiply_rounded(const float* in, int rows, float* out, Epilogue epilogue, RoundedRows& scratch) const;
  // With the weights and sizes filled in, but no rows.
  PointwiseCall call() const {
    return {.bytes = holds_bytes() ? bytes_.data() : nullptr,
            .floats = floats_.data(),
            .scales = scale_.data(),
            .biases = bias_.data(),
            .inputs = inputs_,
            .panels = panels()};
  }

 private:
  template <class Value>
  using Packed = std::vector<Value, CacheLineAllocator<Value>>;

  template <class Value>
  void pack(std::span<const Value> rows, Packed<Value>& panels) const;
  std::size_t panel_offset(int p) const { return std::size_t(p) * std::size_t(inputs_) * kPanel; }
  std::size_t place(int output, int input) const {
    return panel_offset(output / kPanel) + std::size_t(input) * kPanel + std::size_t(output % kPanel);
  }

  int inputs_ = 0;
  int outputs_ = 0;
  Int8Matrix int16_products_;  // three of these four are empty
  ByteMatrix byte_products_;
  Packed<std::int8_t> bytes_;
  Packed<float> floats_;
  Packed<float> scale_;  // [panels(), kPanel]
  Packed<float> bias_;   // [panels(), kPanel]
};

// in: rows of layer.inputs() floats, dense. out: rows of layer.row_size() floats, dense. Not overlapping.
// A row's result does not depend on how many rows the call has. Allocates only what `scratch` lacks, which a
// layer that does not round its inputs leaves alone.
void pointwise(const PackedLinear& layer, const float* in, int rows, float* out, Epilogue epilogue,
               RoundedRows& scratch);

}  // namespace antiphon::models::kernels
