#include "models/kernels/conv_pointwise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {
namespace {

// The step of which all weights are whole multiples from -127 to 127; 0 if there is none.
float step_of(std::span<const float> weight) {
  constexpr float kToleranceSteps = 1e-3f;  // f32 rounding leaves 1e-5
  float largest = 0.0f;
  for (const float w : weight) largest = std::max(largest, std::abs(w));
  const float step = largest / 127.0f;
  if (!(step > 0.0f)) return 0.0f;
  const bool whole = std::ranges::all_of(
      weight, [step](float w) { return std::abs(w / step - std::nearbyint(w / step)) < kToleranceSteps; });
  return whole ? step : 0.0f;
}

}  // namespace

PackedLinear::PackedLinear(std::span<const float> weight, std::span<const float> bias, int outputs,
                           int inputs, std::span<const float> scale, Inputs kind)
    : inputs_(inputs),
      outputs_(outputs),
      scale_(std::size_t(panels()) * kPanel),
      bias_(std::size_t(panels()) * kPanel) {
  assert(weight.size() == std::size_t(outputs) * std::size_t(inputs));
  assert(bias.empty() || bias.size() == std::size_t(outputs));
  assert(scale.empty() || scale.size() == std::size_t(outputs));
  const float step = step_of(weight);
  for (int o = 0; o < outputs; ++o) {
    const float factor = scale.empty() ? 1.0f : scale[o];
    scale_[o] = step > 0.0f ? step * factor : factor;
    bias_[o] = bias.empty() ? 0.0f : bias[o] * factor;
  }
  if (step == 0.0f) {
    pack(weight, floats_);
    return;
  }
  std::vector<std::int8_t> codes(weight.size());
  std::ranges::transform(weight, codes.begin(),
                         [step](float w) { return static_cast<std::int8_t>(std::nearbyint(w / step)); });
  if (kind == Inputs::kF32) {
    pack<std::int8_t>(codes, bytes_);
  } else {
    std::vector<float> scales(scale_.begin(), scale_.begin() + outputs);
    if (kind == Inputs::kBytes && fast_byte_products()) {
      byte_products_ = ByteMatrix(outputs, inputs, codes, std::move(scales));
    } else {
      int16_products_ = Int8Matrix(outputs, inputs, codes, std::move(scales),
                                   std::vector<float>(static_cast<std::size_t>(outputs)));
    }
  }
}

template <class Value>
void PackedLinear::pack(std::span<const Value> rows, Packed<Value>& panels) const {
  panels.resize(panel_offset(this->panels()));
  for (int o = 0; o < outputs_; ++o) {
    for (int i = 0; i < inputs_; ++i) {
      panels[place(o, i)] = rows[std::size_t(o) * std::size_t(inputs_) + std::size_t(i)];
    }
  }
}

void PackedLinear::multiply_rounded(const float* in, int rows, float* out, Epilogue epilogue,
                                    RoundedRows& scratch) const {
  if (rounds_to_bytes()) {
    // What 8 bits leave out is more than the exact form would add.
    if (epilogue == Epilogue::kGelu) epilogue = Epilogue::kCoarseGelu;
    byte_products_.round(in, rows, inputs_, scratch.bytes);
    return byte_products_.multiply(scratch.bytes, bias(), out, epilogue);
  }
  int16_products_.round(in, rows, inputs_, scratch.int16);
  int16_products_.multiply(scratch.int16, bias(), out, epilogue);
}

void pointwise(const PackedLinear& layer, const float* in, int rows, float* out, Epilogue epilogue,
               RoundedRows& scratch) {
  if (layer.rounds_inputs()) return layer.multiply_rounded(in, rows, out, epilogue, scratch);
  PointwiseCall call = layer.call();
  call.in = in;
  call.out = out;
  call.rows = rows;
  call.epilogue = epilogue;
  active_kernels().pointwise(call);
}

}  // namespace antiphon::models::kernels
