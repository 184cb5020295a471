#include "tests/unit/models/kernels/rounded_problem.h"

namespace antiphon::models::kernels {

RoundedProblem rounded_problem(int outputs, int inputs, int rows, std::mt19937& random) {
  RoundedProblem problem{outputs, inputs, rows, {}, {}, {}, {}, {}};
  std::normal_distribution<float> normal;
  std::uniform_int_distribution<int> code(-128, 127);
  for (int i = 0; i < outputs * inputs; ++i)
    problem.weights.push_back(static_cast<std::int8_t>(code(random)));
  for (int i = 0; i < outputs; ++i) {
    problem.scales.push_back(0.01f + 0.001f * static_cast<float>(i % 7));
    problem.offsets.push_back(0.02f * normal(random));
    problem.bias.push_back(normal(random));
  }
  for (int i = 0; i < rows * inputs; ++i) problem.x.push_back(normal(random));
  return problem;
}

}  // namespace antiphon::models::kernels
