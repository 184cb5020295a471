#include "models/kernels/f32_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "models/kernels/f32_matrix.h"

namespace antiphon::models::kernels {
namespace {

std::vector<float> random_values(std::size_t count, float scale, std::mt19937* random) {
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> values(count);
  for (float& value : values) value = normal(*random);
  return values;
}

class F32KernelsTest : public testing::TestWithParam<Variant> {};

TEST_P(F32KernelsTest, MatrixEqualsTheSumsInDouble) {
  std::mt19937 random(1);
  for (const auto& [outputs, inputs] : {std::pair{16, 1}, {32, 7}, {64, 129}, {48, 256}}) {
    const auto n_max = static_cast<std::size_t>(outputs), k_max = static_cast<std::size_t>(inputs);
    const auto weight = random_values(n_max * k_max, 1, &random);
    const auto bias = random_values(n_max, 1, &random);
    const F32Matrix matrix(weight, bias, outputs, inputs);
    for (std::size_t rows = 0; rows <= 27; ++rows) {
      const auto x = random_values(rows + k_max, 1, &random);  // row m begins at x[m]: overlapping rows
      std::vector<float> y(rows * n_max, NAN);
      std::vector<const float*> in;
      std::vector<float*> out;
      for (std::size_t m = 0; m < rows; ++m) {
        in.push_back(&x[m]);
        out.push_back(&y[m * n_max]);
      }
      for (const Activation activation : {Activation::kNone, Activation::kRelu}) {
        matrix.multiply(in, out.data(), activation, f32_kernels(GetParam()));
        for (std::size_t m = 0; m < rows; ++m) {
          for (std::size_t n = 0; n < n_max; ++n) {
            double sum = bias[n];
            for (std::size_t k = 0; k < k_max; ++k) sum += double{x[m + k]} * double{weight[n * k_max + k]};
            if (activation == Activation::kRelu) sum = std::max(sum, 0.0);
            ASSERT_NEAR(y[m * n_max + n], sum, 1e-4) << rows << " rows, " << outputs << " x " << inputs;
          }
        }
      }
    }
  }
}

TEST_P(F32KernelsTest, LstmCellEqualsTheFormulaInDouble) {
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  std::mt19937 random(2);
  for (const float scale : {0.01f, 1.0f, 10.0f, 300.0f}) {
    constexpr std::size_t kWidth = 64;
    const auto gates = random_values(4 * kWidth, scale, &random);
    const auto cell = random_values(kWidth, 3, &random);
    auto new_cell = cell;
    std::vector<float> hidden(kWidth);
    f32_kernels(GetParam()).lstm({gates.data(), new_cell.data(), hidden.data(), kWidth});
    for (std::size_t n = 0; n < kWidth; ++n) {
      const double c =
          sigmoid(gates[kWidth + n]) * cell[n] + sigmoid(gates[n]) * std::tanh(gates[2 * kWidth + n]);
      EXPECT_NEAR(new_cell[n], c, 2e-6 * std::max(1.0, std::abs(c)));
      EXPECT_NEAR(hidden[n], sigmoid(gates[3 * kWidth + n]) * std::tanh(c), 1e-6);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Supported, F32KernelsTest, testing::ValuesIn(supported_variants()),
                         [](const auto& variant) { return std::string(name_of(variant.param)); });

}  // namespace
}  // namespace antiphon::models::kernels
