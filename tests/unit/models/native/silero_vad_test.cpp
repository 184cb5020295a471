#include "models/native/silero_vad.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "tests/support/safetensors_writer.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models {
namespace {

constexpr std::size_t kSamples = VoiceActivityDetector::kWindowSamples;
using Samples = std::array<float, kSamples>;

test::F32Tensor random_tensor(std::vector<std::int64_t> shape, float scale, std::mt19937* random) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  std::normal_distribution<float> normal(0, scale);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(*random);
  return {std::move(shape), std::move(values)};
}

test::F32Tensor filter_bank() {
  test::F32Tensor bank{{258, 1, 256}, {}};
  for (int row = 0; row < 258; ++row) {
    for (int n = 0; n < 256; ++n) {
      const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * n / 256);
      const double angle = 2 * std::numbers::pi * (row % 129) * n / 256;
      bank.values.push_back(static_cast<float>(window * (row < 129 ? std::cos(angle) : -std::sin(angle))));
    }
  }
  return bank;
}

std::map<std::string, test::F32Tensor> random_weights() {
  std::mt19937 random(11);
  std::map<std::string, test::F32Tensor> weights;
  const auto add = [&](const char* name, std::vector<std::int64_t> shape, float scale) {
    weights[name] = random_tensor(std::move(shape), scale, &random);
  };
  add("conv1.weight", {128, 129, 3}, 0.05f);
  add("conv1.bias", {128}, 0.1f);
  add("conv2.weight", {64, 128, 3}, 0.05f);
  add("conv2.bias", {64}, 0.1f);
  add("conv3.weight", {64, 64, 3}, 0.1f);
  add("conv3.bias", {64}, 0.1f);
  add("conv4.weight", {128, 64, 3}, 0.1f);
  add("conv4.bias", {128}, 0.1f);
  add("lstm_cell.weight_ih", {512, 128}, 0.1f);
  add("lstm_cell.weight_hh", {512, 128}, 0.1f);
  add("lstm_cell.bias_ih", {512}, 0.1f);
  add("lstm_cell.bias_hh", {512}, 0.1f);
  add("final_conv.weight", {1, 128, 1}, 0.3f);
  add("final_conv.bias", {1}, 0.1f);
  weights["stft_conv.weight"] = filter_bank();
  return weights;
}

class SileroVadTest : public testing::Test {
 protected:
  void SetUp() override { test::write_safetensors(path_, random_weights()); }

  Samples noise(float loudness = 0.1f) {
    std::normal_distribution<float> normal(0, loudness);
    Samples samples;
    for (float& sample : samples) sample = normal(random_);
    return samples;
  }
  static float step_one(SileroVad* vad, int slot, const Samples& samples) {
    const VoiceActivityDetector::Window window{Slot{slot}, samples};
    float probability = -1;
    vad->step({&window, 1}, {&probability, 1});
    return probability;
  }

  std::mt19937 random_{5};
  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.file("model.safetensors");
};

TEST_F(SileroVadTest, ABatchOfAnySlotsEqualsOneByOne) {
  constexpr int kSlots = 70;  // more than two tiles
  SileroVad batched(path_, kSlots), single(path_, kSlots);
  std::vector<int> order(kSlots);
  for (int i = 0; i < kSlots; ++i) order[static_cast<std::size_t>(i)] = i;
  for (const std::size_t count : {70u, 1u, 33u, 5u, 64u, 70u}) {
    std::ranges::shuffle(order, random_);
    std::vector<Samples> audio;
    for (std::size_t i = 0; i < count; ++i) audio.push_back(noise());
    std::vector<VoiceActivityDetector::Window> batch;
    for (std::size_t i = 0; i < count; ++i) batch.push_back({Slot{order[i]}, audio[i]});
    std::vector<float> probabilities(count);
    batched.step(batch, probabilities);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_NEAR(probabilities[i], step_one(&single, order[i], audio[i]), 1e-5);
    }
  }
}

TEST_F(SileroVadTest, ResetForgetsOneSlotOnly) {
  SileroVad vad(path_, 2), fresh(path_, 2);
  for (int i = 0; i < 5; ++i) {
    const Samples samples = noise();
    step_one(&vad, 0, samples);
    step_one(&vad, 1, samples);
  }
  const Samples next = noise();
  vad.reset(Slot{0});
  const float expected = step_one(&fresh, 0, next);
  const float of_reset = step_one(&vad, 0, next);
  const float of_other = step_one(&vad, 1, next);
  EXPECT_EQ(of_reset, expected);
  EXPECT_NE(of_other, expected);
}

TEST_F(SileroVadTest, SamplesThatAreNoSoundCountAsSilenceAndHarmNoSlot) {
  SileroVad vad(path_, 2), clean(path_, 2);
  Samples rubbish = noise(), silenced = rubbish;
  const float values[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                          -1e30f, std::numeric_limits<float>::signaling_NaN()};
  for (std::size_t i = 0; i < 40; ++i) {
    rubbish[i * 12] = values[i % 4];
    silenced[i * 12] = 0;
  }
  const Samples other = noise();
  const std::vector<VoiceActivityDetector::Window> bad{{Slot{0}, rubbish}, {Slot{1}, other}};
  const std::vector<VoiceActivityDetector::Window> good{{Slot{0}, silenced}, {Slot{1}, other}};
  std::array<float, 2> of_bad, of_good;
  vad.step(bad, of_bad);
  clean.step(good, of_good);
  EXPECT_EQ(of_bad, of_good);
  const Samples next = noise();
  EXPECT_EQ(step_one(&vad, 0, next), step_one(&clean, 0, next));
}

TEST_F(SileroVadTest, WarmUpTouchesNoSlot) {
  SileroVad warm(path_, 1), cold(path_, 1);
  const Samples first = noise(), second = noise();
  step_one(&warm, 0, first);
  step_one(&cold, 0, first);
  warm.warm_up();
  EXPECT_EQ(step_one(&warm, 0, second), step_one(&cold, 0, second));
}

TEST_F(SileroVadTest, EveryInstructionSetAgrees) {
  const Samples samples = noise();
  SileroVad best(path_, 1);
  const float expected = step_one(&best, 0, samples);
  for (const kernels::Variant variant : kernels::supported_variants()) {
    SileroVad vad(path_, 1, kernels::f32_kernels(variant));
    EXPECT_NEAR(step_one(&vad, 0, samples), expected, 1e-5) << kernels::name_of(variant);
  }
}

TEST_F(SileroVadTest, AnotherFilterBankIsRefusedByName) {
  auto weights = random_weights();
  weights["stft_conv.weight"].values[1000] += 0.01f;
  test::write_safetensors(path_, weights);
  try {
    SileroVad vad(path_, 1);
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("stft_conv.weight"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace antiphon::models
