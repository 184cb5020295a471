#include "models/kernels/int8_matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/unit/models/kernels/rounded_problem.h"

namespace antiphon::models::kernels {
namespace {

using Int8MatrixTest = RoundedMatrixTest;
using Problem = RoundedProblem;

std::vector<float> product_of(const Problem& problem) {
  const Int8Matrix matrix(problem.outputs, problem.inputs, problem.weights, problem.scales, problem.offsets);
  Int16Rows rows;
  matrix.round(problem.x.data(), problem.rows, problem.inputs, rows);
  std::vector<float> y(static_cast<std::size_t>(problem.rows * problem.outputs));
  matrix.multiply(rows, problem.bias, y.data());
  return y;
}

TEST_F(Int8MatrixTest, EqualsTheSumsInDoubleWithEveryVariant) {
  for (const auto& [outputs, inputs, count] :
       {std::tuple{32, 2, 1}, {33, 52, 7}, {70, 418, 13}, {32, 1664, 131}}) {
    const Problem problem = rounded_problem(outputs, inputs, count, random_);
    use_variant(Variant::kPortable);
    const std::vector<float> portable = product_of(problem);
    for (std::size_t i = 0; i < portable.size(); ++i) {
      const auto n = i % static_cast<std::size_t>(outputs), m = i / static_cast<std::size_t>(outputs);
      const auto width = static_cast<std::size_t>(inputs);
      double sum = problem.bias[n], size = 0;
      for (std::size_t k = 0; k < width; ++k) {
        const double weight =
            double{problem.scales[n]} * problem.weights[n * width + k] + double{problem.offsets[n]};
        sum += weight * double{problem.x[m * width + k]};
        size += std::abs(weight * double{problem.x[m * width + k]});
      }
      ASSERT_NEAR(portable[i], sum, 1e-3 * size / std::sqrt(inputs) + 1e-4) << outputs << " x " << inputs;
    }
    for (const Variant variant : supported_variants()) {
      use_variant(variant);
      const std::vector<float> y = product_of(problem);
      for (std::size_t i = 0; i < y.size(); ++i)
        ASSERT_NEAR(y[i], portable[i], 2e-6f * (1.0f + std::abs(portable[i]))) << name_of(variant);
    }
  }
}

TEST_F(Int8MatrixTest, ARowOfItIsTheWeights) {
  const Problem problem = rounded_problem(40, 6, 1, random_);
  const Int8Matrix matrix(40, 6, problem.weights, problem.scales, problem.offsets);
  std::vector<float> row(6);
  matrix.row(39, row.data());
  for (std::size_t k = 0; k < 6; ++k)
    EXPECT_FLOAT_EQ(row[k], problem.weights[39 * 6 + k] * problem.scales[39] + problem.offsets[39]);
}

}  // namespace
}  // namespace antiphon::models::kernels
