#include "models/kernels/byte_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <tuple>
#include <vector>

#include "tests/unit/models/kernels/rounded_problem.h"

namespace antiphon::models::kernels {
namespace {

using ByteMatrixTest = RoundedMatrixTest;
using Problem = RoundedProblem;

// Row m of x is shifted by m: from rows around zero to rows of one sign.
Problem problem_of(int outputs, int inputs, int rows, std::mt19937& random) {
  Problem problem = rounded_problem(outputs, inputs, rows, random);
  for (std::size_t i = 0; i < problem.x.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(inputs);
    problem.x[i] += static_cast<float>(row);
  }
  return problem;
}

std::vector<float> product_of(const Problem& problem, Epilogue epilogue = Epilogue::kStore) {
  const ByteMatrix matrix(problem.outputs, problem.inputs, problem.weights, problem.scales);
  ByteRows rows;
  matrix.round(problem.x.data(), problem.rows, problem.inputs, rows);
  std::vector<float> y(static_cast<std::size_t>(problem.rows * problem.outputs));
  matrix.multiply(rows, problem.bias, y.data(), epilogue);
  return y;
}

TEST_F(ByteMatrixTest, IsTheSumToTheStepOfARowWithEveryVariant) {
  for (const auto& [outputs, inputs, count] :
       {std::tuple{32, 4, 1}, {33, 52, 7}, {70, 420, 13}, {31, 768, 100}}) {
    const Problem problem = problem_of(outputs, inputs, count, random_);
    const auto width = static_cast<std::size_t>(inputs);
    use_variant(Variant::kPortable);
    const std::vector<float> portable = product_of(problem);
    for (std::size_t i = 0; i < portable.size(); ++i) {
      const auto n = i % static_cast<std::size_t>(outputs), m = i / static_cast<std::size_t>(outputs);
      const auto row = problem.x.begin() + static_cast<std::ptrdiff_t>(m * width);
      const auto [least, greatest] = std::minmax_element(row, row + inputs);
      const double step = (std::max(*greatest, 0.0f) - std::min(*least, 0.0f)) / 255.0;
      double sum = problem.bias[n], error = 0;
      for (std::size_t k = 0; k < width; ++k) {
        const double weight = double{problem.scales[n]} * problem.weights[n * width + k];
        sum += weight * double{problem.x[m * width + k]};
        error += 0.51 * step * std::abs(weight);
      }
      // The bound holds for every sum; the spread of independent errors is far below it.
      ASSERT_NEAR(portable[i], sum, std::min(error, 4 * error / std::sqrt(inputs)) + 1e-3) << inputs;
    }
    for (const Variant variant : supported_variants()) {
      use_variant(variant);
      const std::vector<float> y = product_of(problem);
      for (std::size_t i = 0; i < y.size(); ++i)
        ASSERT_NEAR(y[i], portable[i], 2e-5f * (1.0f + std::abs(portable[i]))) << name_of(variant);
    }
  }
}

TEST_F(ByteMatrixTest, RowsOfZerosGiveTheBias) {
  Problem problem = problem_of(40, 8, 2, random_);
  std::ranges::fill(problem.x, 0.0f);
  for (const Variant variant : supported_variants()) {
    use_variant(variant);
    const std::vector<float> y = product_of(problem);
    for (std::size_t i = 0; i < y.size(); ++i) ASSERT_FLOAT_EQ(y[i], problem.bias[i % 40]);
  }
}

TEST_F(ByteMatrixTest, CoarseGeluIsNearTheExactOne) {
  const Problem problem = problem_of(64, 64, 9, random_);
  for (const Variant variant : supported_variants()) {
    use_variant(variant);
    const std::vector<float> x = product_of(problem);
    const std::vector<float> y = product_of(problem, Epilogue::kCoarseGelu);
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double exact = x[i] * 0.5 * (1.0 + std::erf(x[i] / std::sqrt(2.0)));
      ASSERT_NEAR(y[i], exact, 4.5e-5 * (1.0 + std::abs(x[i]))) << x[i];
    }
  }
}

}  // namespace
}  // namespace antiphon::models::kernels
