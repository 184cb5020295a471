#include "models/kernels/f32_matrix.h"

#include <cassert>

namespace antiphon::models::kernels {

F32Matrix::F32Matrix(std::span<const float> weight, std::span<const float> bias, int outputs, int inputs)
    : outputs_(outputs), inputs_(inputs), panels_(weight.size()), bias_(bias.begin(), bias.end()) {
  assert(outputs > 0 && outputs % kF32Panel == 0 && inputs > 0);
  assert(weight.size() == static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs));
  assert(bias.size() == static_cast<std::size_t>(outputs));
  float* packed = panels_.data();
  for (int panel = 0; panel < outputs; panel += kF32Panel) {
    for (int k = 0; k < inputs; ++k) {
      for (int n = panel; n < panel + kF32Panel; ++n) {
        *packed++ = weight[static_cast<std::size_t>(n) * static_cast<std::size_t>(inputs) +
                           static_cast<std::size_t>(k)];
      }
    }
  }
}

void F32Matrix::multiply(std::span<const float* const> in, float* const* out, Activation activation,
                         const F32Kernels& kernels) const {
  kernels.matrix({.panels = panels_.data(),
                  .bias = bias_.data(),
                  .inputs = inputs_,
                  .outputs = outputs_,
                  .in = in,
                  .out = out,
                  .activation = activation});
}

}  // namespace antiphon::models::kernels
