// A product with 8-bit weights, for the tests of the matrices that round their inputs.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "models/kernels/processor.h"

namespace antiphon::models::kernels {

struct RoundedProblem {
  int outputs, inputs, rows;
  std::vector<std::int8_t> weights;          // [outputs, inputs], in steps
  std::vector<float> scales, offsets, bias;  // [outputs]: weight = step * scale + offset
  std::vector<float> x;                      // [rows, inputs]
};

// All of it random.
RoundedProblem rounded_problem(int outputs, int inputs, int rows, std::mt19937& random);

// Sets the variant back when a test is over.
class RoundedMatrixTest : public testing::Test {
 protected:
  ~RoundedMatrixTest() override { use_variant(before_); }

  Variant before_ = active_variant();
  std::mt19937 random_{5};
};

}  // namespace antiphon::models::kernels
