#include "models/kernels/quantised_matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "tests/unit/models/kernels/random_blocks.h"

namespace antiphon::models::kernels {
namespace {

class QuantisedMatrixTest : public testing::TestWithParam<Variant> {
 protected:
  WithVariant with_{GetParam()};
  std::mt19937 random_{7};
};
INSTANTIATE_TEST_SUITE_P(Variants, QuantisedMatrixTest, testing::ValuesIn(supported_variants()),
                         [](const auto& test) { return std::string(name_of(test.param)); });

// What the activations stand for after rounding, and a product's result and size in double precision.
struct Expected {
  double value = 0;
  double magnitude = 0;
};

Expected expect(const ActivationView& x, int row, const float* weights, int columns) {
  Expected expected;
  for (int i = 0; i < columns; ++i) {
    const int at = row * x.groups * kGroup + i;
    const double product = static_cast<double>(x.codes[at]) * x.scales[at / kGroup] * weights[i];
    expected.value += product;
    expected.magnitude += std::fabs(product);
  }
  return expected;
}

// Multiplies [first, first + outputs) and compares every result with the reference; nothing else is written.
void check_product(const QuantisedMatrix& matrix, const QuantisedActivations& x, const float* weights,
                   int first, int outputs) {
  const std::ptrdiff_t stride = outputs + 3;
  std::vector<float> y(static_cast<std::size_t>(x.rows() * stride), 12345.0f);
  multiply(matrix, x, y.data(), stride, first, outputs);
  for (int r = 0; r < x.rows(); ++r) {
    for (int i = 0; i < outputs; ++i) {
      const Expected expected =
          expect(x.view(), r, weights + static_cast<std::ptrdiff_t>(first + i) * x.columns(), x.columns());
      ASSERT_NEAR(y[static_cast<std::size_t>(r * stride + i)], expected.value,
                  3e-5 * expected.magnitude + 1e-6)
          << "row " << r << " output " << first + i << " of " << matrix.rows();
    }
    for (int i = outputs; i < stride; ++i) ASSERT_EQ(y[static_cast<std::size_t>(r * stride + i)], 12345.0f);
  }
}

QuantisedActivations quantised(const std::vector<float>& x, int rows, int columns) {
  QuantisedActivations activations(rows, columns);
  activations.quantise(x.data(), rows, columns, columns);
  return activations;
}

TEST_P(QuantisedMatrixTest, MultipliesEveryBlockTypeAndNumberOfRows) {
  for (const BlockType type : kQuantisedTypes) {
    const int columns = columns_of_block(type) == 32 ? 7 * 32 : 3 * 256;
    const int rows = 37;
    const auto bytes = random_blocks(type, static_cast<std::size_t>(rows * columns / columns_of_block(type)),
                                     false, random_);
    const auto weights = dequantised(type, bytes);
    const auto matrix = QuantisedMatrix::from_gguf(type, rows, columns, bytes);
    EXPECT_EQ(matrix.rows(), rows);
    EXPECT_EQ(matrix.columns(), columns);
    for (const int x_rows : {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 31, 33}) {
      SCOPED_TRACE(testing::Message() << "type " << static_cast<int>(type) << ", " << x_rows << " rows");
      const auto x = random_values(static_cast<std::size_t>(x_rows * columns), 2, random_);
      ASSERT_NO_FATAL_FAILURE(check_product(matrix, quantised(x, x_rows, columns), weights.data(), 0, rows));
    }
  }
}

TEST_P(QuantisedMatrixTest, DoesNotSaturate) {
  for (const BlockType type : kQuantisedTypes) {
    const int columns = 256;
    const int rows = 16;
    const auto bytes =
        random_blocks(type, static_cast<std::size_t>(rows * columns / columns_of_block(type)), true, random_);
    const auto weights = dequantised(type, bytes);
    const auto matrix = QuantisedMatrix::from_gguf(type, rows, columns, bytes);
    for (const float sign : {1.0f, -1.0f}) {
      SCOPED_TRACE(testing::Message() << "type " << static_cast<int>(type) << ", sign " << sign);
      const std::vector<float> x(static_cast<std::size_t>(4 * columns), 3 * sign);
      ASSERT_NO_FATAL_FAILURE(check_product(matrix, quantised(x, 4, columns), weights.data(), 0, rows));
    }
  }
}

TEST_P(QuantisedMatrixTest, EightBitExtremesDoNotSaturate) {
  constexpr int kRows = 16, kColumns = 64;
  const auto blocks = static_cast<std::size_t>(kRows * kColumns / columns_of_block(BlockType::kQ8_0));
  const std::size_t block_bytes = bytes_of_block(BlockType::kQ8_0);
  for (const std::int8_t code : {std::int8_t{-128}, std::int8_t{127}, std::int8_t{-127}}) {
    std::vector<std::byte> bytes(blocks * block_bytes, static_cast<std::byte>(code));
    for (std::size_t b = 0; b < blocks; ++b) {  // a block begins with its scale in f16: 0.5
      bytes[b * block_bytes] = std::byte{0x00};
      bytes[b * block_bytes + 1] = std::byte{0x38};
    }
    const std::vector<float> weights(kRows * kColumns, static_cast<float>(code) * 0.5f);
    const auto matrix = QuantisedMatrix::from_gguf(BlockType::kQ8_0, kRows, kColumns, bytes);
    for (const float sign : {1.0f, -1.0f}) {
      const std::vector<float> x(5 * kColumns, sign);
      ASSERT_NO_FATAL_FAILURE(check_product(matrix, quantised(x, 5, kColumns), weights.data(), 0, kRows));
    }
  }
}

TEST_P(QuantisedMatrixTest, MultipliesAnyCut) {
  const int rows = 75, columns = 64;
  const auto bytes = random_blocks(BlockType::kQ4_1, static_cast<std::size_t>(rows * 2), false, random_);
  const auto weights = dequantised(BlockType::kQ4_1, bytes);
  const auto matrix = QuantisedMatrix::from_gguf(BlockType::kQ4_1, rows, columns, bytes);
  const auto x = quantised(random_values(5 * 64, 1, random_), 5, columns);
  for (const int first : {0, 1, 15, 16, 17, 40, 74}) {
    for (const int outputs : {0, 1, 3, 15, 16, 17, 34, 75}) {
      if (first + outputs > rows) continue;
      SCOPED_TRACE(testing::Message() << first << " + " << outputs);
      ASSERT_NO_FATAL_FAILURE(check_product(matrix, x, weights.data(), first, outputs));
    }
  }
}

TEST_P(QuantisedMatrixTest, StacksPartsOfDifferentTypes) {
  const int columns = 256;
  std::vector<float> weights;
  std::vector<std::vector<std::byte>> bytes;
  std::vector<QuantisedMatrix::Part> parts;
  for (const auto& [type, rows] :
       {std::pair(BlockType::kQ4_K, 24), std::pair(BlockType::kQ6_K, 5), std::pair(BlockType::kQ8_0, 33)}) {
    bytes.push_back(random_blocks(type, static_cast<std::size_t>(rows * columns / columns_of_block(type)),
                                  false, random_));
    parts.push_back({type, rows, bytes.back()});
    const auto values = dequantised(type, bytes.back());
    weights.insert(weights.end(), values.begin(), values.end());
  }
  const auto matrix = QuantisedMatrix::from_gguf(parts, columns);
  EXPECT_EQ(matrix.rows(), 62);
  const auto x = quantised(random_values(6 * 256, 1, random_), 6, columns);
  for (const auto& [first, outputs] :
       {std::pair(0, 62), std::pair(20, 12), std::pair(25, 3), std::pair(28, 34)})
    ASSERT_NO_FATAL_FAILURE(check_product(matrix, x, weights.data(), first, outputs));
}

TEST_P(QuantisedMatrixTest, RoundsFloatWeightsToEightBits) {
  constexpr int kRows = 19;
  for (const int columns : {1, 31, 33, 52, 70, 416}) {
    auto weights = random_values(static_cast<std::size_t>(kRows * columns), 0.1f, random_);
    std::fill_n(weights.begin(), std::min(columns, 32), 0.0f);  // a group of zeros
    const auto matrix = QuantisedMatrix::from_f32(kRows, columns, weights);
    const auto x = quantised(random_values(static_cast<std::size_t>(3 * columns), 1, random_), 3, columns);
    std::vector<float> y(3 * kRows);
    multiply(matrix, x, y.data(), kRows, 0, kRows);
    for (int r = 0; r < 3; ++r) {
      for (int o = 0; o < kRows; ++o) {
        const Expected expected = expect(x.view(), r, weights.data() + o * columns, columns);
        EXPECT_NEAR(y[static_cast<std::size_t>(r * kRows + o)], expected.value, 0.012 * expected.magnitude);
      }
    }
  }
}

TEST_P(QuantisedMatrixTest, TakesFloatTypesOfGguf) {
  const int rows = 3, columns = 40;
  const auto weights = random_values(static_cast<std::size_t>(rows * columns), 0.1f, random_);
  std::vector<Float16> halves(weights.size());
  std::vector<std::uint16_t> brains(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    halves[i] = to_float16(weights[i]);
    brains[i] = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(weights[i]) >> 16);
  }
  const auto x = quantised(random_values(static_cast<std::size_t>(columns), 1, random_), 1, columns);
  for (const auto& [type, bytes] : {std::pair(BlockType::kF32, std::as_bytes(std::span(weights))),
                                    std::pair(BlockType::kF16, std::as_bytes(std::span(halves))),
                                    std::pair(BlockType::kBf16, std::as_bytes(std::span(brains)))}) {
    const auto matrix = QuantisedMatrix::from_gguf(type, rows, columns, bytes);
    std::vector<float> y(3);
    multiply(matrix, x, y.data(), rows, 0, rows);
    for (int o = 0; o < rows; ++o) {
      const Expected expected = expect(x.view(), 0, weights.data() + o * columns, columns);
      EXPECT_NEAR(y[static_cast<std::size_t>(o)], expected.value, 0.02 * expected.magnitude);
    }
  }
}

TEST_P(QuantisedMatrixTest, ARowsResultDoesNotDependOnTheOthers) {
  for (const BlockType type : kQuantisedTypes) {
    const int rows = 16, columns = 512;
    const auto matrix = QuantisedMatrix::from_gguf(
        type, rows, columns,
        random_blocks(type, static_cast<std::size_t>(rows * columns / columns_of_block(type)), false,
                      random_));
    const auto x = random_values(static_cast<std::size_t>(40 * columns), 1, random_);
    std::vector<float> together(40 * 16), alone(16);
    multiply(matrix, quantised(x, 40, columns), together.data(), rows, 0, rows);
    for (const int r : {0, 3, 7, 8, 38, 39}) {
      const std::vector<float> one(x.begin() + r * columns, x.begin() + (r + 1) * columns);
      multiply(matrix, quantised(one, 1, columns), alone.data(), rows, 0, rows);
      EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + r * rows))
          << static_cast<int>(type);
    }
  }
}

TEST_P(QuantisedMatrixTest, RoundsActivationsToTheNearestOf255Steps) {
  const int columns = 75;
  auto x = random_values(static_cast<std::size_t>(4 * columns), 5, random_);
  for (int i = 0; i < columns; ++i) x[static_cast<std::size_t>(2 * columns + i)] = 0;
  x[static_cast<std::size_t>(3 * columns)] = 1e30f;
  const auto activations = quantised(x, 4, columns);
  const ActivationView view = activations.view();
  EXPECT_EQ(view.groups, 3);
  for (int r = 0; r < 4; ++r) {
    for (int g = 0; g < 3; ++g) {
      const int at = r * 3 + g;
      int halves[2] = {0, 0};
      for (int i = 0; i < kGroup; ++i) {
        const int code = static_cast<int>(view.codes[at * kGroup + i]);
        halves[i / 16] += code;
        const int column = g * kGroup + i;
        if (column >= columns) {
          EXPECT_EQ(code, 0);
          continue;
        }
        const float value = x[static_cast<std::size_t>(r * columns + column)];
        EXPECT_NEAR(view.scales[at] * static_cast<float>(code), value, view.scales[at] * 0.5001f);
        EXPECT_LE(std::abs(code), 127);
      }
      EXPECT_EQ(view.half_sums[2 * at], halves[0]);
      EXPECT_EQ(view.half_sums[2 * at + 1], halves[1]);
      EXPECT_FLOAT_EQ(view.sums[at], view.scales[at] * static_cast<float>(halves[0] + halves[1]));
    }
  }
}

TEST(QuantisedMatrixErrors, NamesWhatDoesNotFit) {
  const std::vector<std::byte> bytes(18);
  EXPECT_NO_THROW(QuantisedMatrix::from_gguf(BlockType::kQ4_0, 1, 32, bytes));
  EXPECT_THROW(QuantisedMatrix::from_gguf(BlockType::kQ4_0, 2, 32, bytes), std::runtime_error);
  EXPECT_THROW(QuantisedMatrix::from_gguf(BlockType::kQ4_0, 1, 33, bytes), std::runtime_error);
  EXPECT_THROW(QuantisedMatrix::from_gguf(BlockType::kQ4_0, 0, 32, {}), std::runtime_error);
  EXPECT_THROW(QuantisedMatrix::from_f32(2, 2, std::vector<float>(3)), std::runtime_error);
}

}  // namespace
}  // namespace antiphon::models::kernels
