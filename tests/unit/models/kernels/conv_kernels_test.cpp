// The vector kernels against their plain forms, and the plain forms against sums written out.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <span>
#include <vector>

#include "models/kernels/conv_depthwise.h"
#include "models/kernels/conv_pointwise.h"
#include "tests/unit/models/kernels/random_blocks.h"

namespace antiphon::models::kernels {
namespace {

std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// Whole multiples of one step, the largest of them 127.
std::vector<float> random_steps(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values(count);
  for (float& value : values) value = 0.0031f * static_cast<float>(static_cast<int>(random() % 255) - 127);
  values[count / 2] = 0.0031f * 127.0f;
  return values;
}

void expect_near(std::span<const float> a, std::span<const float> b, float tolerance) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << i;
}

constexpr int kInputs = 40;
constexpr int kOutputs = 37;  // no multiple of a panel

float exact(std::span<const float> weight, std::span<const float> bias, std::span<const float> scale,
            std::span<const float> x, int output) {
  double sum = bias[output];
  for (int i = 0; i < kInputs; ++i) sum += double(weight[output * kInputs + i]) * x[i];
  return static_cast<float>(sum * scale[output]);
}

enum class Kind { kFloats, kBytes, kRounded };

class PointwiseTest : public ::testing::TestWithParam<Kind> {
 protected:
  std::vector<float> weight_ = GetParam() != Kind::kFloats ? random_steps(kOutputs * kInputs, 1)
                                                           : random_values(kOutputs * kInputs, 1);
  std::vector<float> bias_ = random_values(kOutputs, 2);
  std::vector<float> scale_ = random_values(kOutputs, 3);
  PackedLinear layer_{weight_, bias_,  kOutputs,
                      kInputs, scale_, GetParam() == Kind::kRounded ? Inputs::kRounded : Inputs::kF32};
  RoundedRows scratch_;
};

TEST_P(PointwiseTest, KeepsMultiplesOfAStepAsBytes) {
  EXPECT_EQ(layer_.holds_bytes(), GetParam() == Kind::kBytes);
  EXPECT_EQ(layer_.rounds_inputs(), GetParam() == Kind::kRounded);
  EXPECT_EQ(layer_.row_size(), GetParam() == Kind::kRounded ? kOutputs : 48);
}

TEST_P(PointwiseTest, MatchesTheSumForEveryNumberOfRows) {
  const float tolerance = GetParam() == Kind::kRounded ? 2e-3f : 3e-5f;
  for (const Variant variant : supported_variants()) {
    const WithVariant chosen(variant);
    SCOPED_TRACE(name_of(variant));
    for (int rows = 1; rows <= 26; ++rows) {
      const auto in = random_values(std::size_t(rows) * kInputs, 10 + rows);
      const auto before = random_values(std::size_t(rows) * layer_.row_size(), 50 + rows);
      for (const auto epilogue : {Epilogue::kStore, Epilogue::kGelu, Epilogue::kAdd}) {
        auto out = before;
        pointwise(layer_, in.data(), rows, out.data(), epilogue, scratch_);
        for (int at = 0; at < rows * layer_.row_size(); ++at) {
          const int output = at % layer_.row_size();
          float expected = 0.0f;
          if (output < kOutputs) {
            const auto row = std::span(in).subspan(std::size_t(at / layer_.row_size()) * kInputs, kInputs);
            expected = exact(weight_, bias_, scale_, row, output);
          }
          if (epilogue == Epilogue::kGelu) expected *= 0.5f * (1.0f + std::erf(expected * 0.70710678f));
          if (epilogue == Epilogue::kAdd) expected += before[std::size_t(at)];
          ASSERT_NEAR(out[std::size_t(at)], expected, tolerance) << rows << " " << at;
        }
      }
    }
  }
}

TEST_P(PointwiseTest, ARowDoesNotDependOnItsCompany) {
  constexpr int kRows = 29;
  const auto in = random_values(kRows * kInputs, 4);
  const auto width = std::size_t(layer_.row_size());
  for (const Variant variant : supported_variants()) {
    const WithVariant chosen(variant);
    std::vector<float> together(kRows * width);
    pointwise(layer_, in.data(), kRows, together.data(), Epilogue::kGelu, scratch_);
    for (int r = 0; r < kRows; ++r) {
      std::vector<float> alone(width);
      pointwise(layer_, in.data() + r * kInputs, 1, alone.data(), Epilogue::kGelu, scratch_);
      EXPECT_TRUE(
          std::equal(alone.begin(), alone.end(), together.begin() + std::ptrdiff_t(r) * layer_.row_size()))
          << name_of(variant);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, PointwiseTest,
                         ::testing::Values(Kind::kFloats, Kind::kBytes, Kind::kRounded),
                         [](const auto& suite) {
                           return suite.param == Kind::kFloats  ? "Floats"
                                  : suite.param == Kind::kBytes ? "Bytes"
                                                                : "Rounded";
                         });

TEST(DepthwiseTest, MatchesTheConvolutionAndNorm) {
  for (const auto& [channels, width, dilation] : {std::array{16, 7, 1}, {24, 7, 4}, {8, 5, 1}, {8, 3, 2}}) {
    const auto taps = random_values(std::size_t(width) * channels, 1);
    const auto bias = random_values(channels, 2);
    const auto norm_weight = random_values(channels, 3);
    const auto norm_bias = random_values(channels, 4);
    const DepthwiseWeights weights{taps, bias, width, dilation, {norm_weight, norm_bias}};
    ASSERT_EQ(weights.reach(), dilation * (width / 2));
    const int rows = 5;
    const auto in = random_values(std::size_t(rows + 2 * weights.reach()) * channels, 5);
    std::vector<float> out(std::size_t(rows) * channels);
    auto plain = out;
    depthwise_norm(weights, in.data(), rows, out.data());
    depthwise_norm_portable(weights, in.data(), rows, plain.data());
    expect_near(out, plain, 2e-5f);
    std::vector<float> convolved(channels);
    for (int c = 0; c < channels; ++c) {
      convolved[c] = bias[c];
      for (int k = 0; k < width; ++k)
        convolved[c] += taps[k * channels + c] * in[(2 + k * dilation) * channels + c];
    }
    std::vector<float> row(channels);
    layer_norm_portable(weights.norm, convolved.data(), 1, row.data());
    expect_near(std::span(plain).subspan(2 * channels, channels), row, 2e-5f);
  }
}

TEST(LayerNormTest, GivesZeroMeanAndUnitVariance) {
  const std::vector<float> ones(64, 1.0f);
  const std::vector<float> zeros(64, 0.0f);
  auto rows = random_values(3 * 64, 6);
  for (float& value : rows) value = 5.0f + 3.0f * value;
  auto plain = rows;
  layer_norm({ones, zeros}, rows.data(), 3, rows.data());
  layer_norm_portable({ones, zeros}, plain.data(), 3, plain.data());
  expect_near(rows, plain, 1e-5f);
  for (int r = 0; r < 3; ++r) {
    double sum = 0.0;
    double squares = 0.0;
    for (int c = 0; c < 64; ++c) {
      sum += rows[r * 64 + c];
      squares += double(rows[r * 64 + c]) * rows[r * 64 + c];
    }
    EXPECT_NEAR(sum, 0.0, 1e-4);
    EXPECT_NEAR(squares / 64, 1.0, 1e-4);
  }
}

TEST(AddRowsTest, SkipsNullRows) {
  const auto a = random_values(16, 7);
  const auto b = random_values(16, 8);
  const float* rows[] = {a.data(), nullptr, b.data()};
  const float factors[] = {0.5f, 100.0f, -2.0f};
  auto out = random_values(16, 9);
  auto plain = out;
  auto expected = out;
  for (int c = 0; c < 16; ++c) expected[c] += 0.5f * a[c] - 2.0f * b[c];
  add_rows(rows, factors, 16, out.data());
  add_rows_portable(rows, factors, 16, plain.data());
  expect_near(out, expected, 1e-5f);
  expect_near(plain, expected, 1e-5f);
}

}  // namespace
}  // namespace antiphon::models::kernels
