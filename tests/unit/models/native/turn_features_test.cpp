#include "models/native/turn_features.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/support/test_signals.h"
#include "tests/support/whole_turn_features.h"

namespace antiphon::models {
namespace {

constexpr int kHop = TurnFeatures::kHopSamples;
constexpr int kAll = TurnFeatures::kBufferColumns;

std::vector<float> read(const TurnFeatures& features) {
  std::vector<float> values(static_cast<std::size_t>(TurnFeatures::kBands * features.columns()));
  features.write(values);
  return values;
}

// The largest difference to the same columns of the whole [80, 800] picture.
double distance(const std::vector<float>& features, const std::vector<float>& whole) {
  const int columns = static_cast<int>(features.size()) / TurnFeatures::kBands;
  double worst = 0;
  for (int band = 0; band < TurnFeatures::kBands; ++band) {
    for (int column = 0; column < columns; ++column) {
      const double a = features[static_cast<std::size_t>(band * columns + column)];
      const double b = whole[static_cast<std::size_t>(band * kAll + kAll - columns + column)];
      worst = std::max(worst, std::isfinite(a) ? std::abs(a - b) : std::numeric_limits<double>::infinity());
    }
  }
  return worst;
}

// Bursts of noise, a tone and silence over a constant offset, so that mean, floor and edges all matter.
std::vector<float> lively_audio(int hops, float offset, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 1);
  std::uniform_real_distribution<float> uniform(0, 1);
  std::vector<float> samples;
  float noise = 0, tone = 0, frequency = 0;
  for (int n = 0; n < hops * kHop; ++n) {
    if (n % 1700 == 0) {
      noise = std::pow(10.0f, -5 * uniform(random));
      tone = uniform(random) < 0.5f ? 0.0f : 0.3f * uniform(random);
      frequency = 30 + 3000 * uniform(random);
    }
    const double angle = 6.283185307 * static_cast<double>(frequency) * n / 16000;
    samples.push_back(offset + noise * normal(random) + tone * static_cast<float>(std::sin(angle)));
  }
  return samples;
}

void append_in_random_chunks(TurnFeatures* features, std::span<const float> audio, std::mt19937* random) {
  std::uniform_int_distribution<std::size_t> length(0, 1500);
  while (!audio.empty()) {
    const std::size_t count = std::min(audio.size(), length(*random));
    features->append(audio.first(count));
    audio = audio.subspan(count);
  }
}

class TurnFeaturesLengthTest : public testing::TestWithParam<int> {};

TEST_P(TurnFeaturesLengthTest, AnyChunkingEqualsTheWholeBuffer) {
  const int hops = GetParam();
  std::mt19937 random(static_cast<unsigned>(hops));
  const float offset = hops % 2 == 0 ? 0.4f : 0.0f;
  const auto audio = lively_audio(hops, offset, static_cast<unsigned>(hops) + 100);
  const auto whole = test::whole_turn_features(audio);
  for (const int columns : {TurnFeatures::kColumnsMax, 200}) {
    TurnFeatures features(columns);
    features.append(lively_audio(30, 0.9f, 1));  // a turn before, forgotten by reset
    features.reset();
    append_in_random_chunks(&features, audio, &random);
    EXPECT_LT(distance(read(features), whole), 1e-4) << hops << " hops, offset " << offset;
  }
}

INSTANTIATE_TEST_SUITE_P(Hops, TurnFeaturesLengthTest,
                         testing::Values(0, 1, 2, 201, 797, 798, 799, 800, 803, 1100));

TEST(TurnFeatures, TheFloorComesFromTheMirroredBeginningToo) {
  // A click that only the mirrored first columns of the 8 s still see, followed by near silence.
  for (int click = 0; click < 400; click += 130) {
    std::vector<float> audio(static_cast<std::size_t>((kAll + 5) * kHop), 0.0f);
    std::mt19937 random(9);
    std::normal_distribution<float> normal(0, 1e-4f);
    for (float& sample : audio) sample = normal(random);
    audio[static_cast<std::size_t>(5 * kHop + click)] = 0.9f;
    TurnFeatures features(200);
    features.append(audio);
    EXPECT_LT(distance(read(features), test::whole_turn_features(audio)), 1e-4) << click;
  }
}

TEST(TurnFeatures, AnUnfinishedHopWaits) {
  const auto audio = lively_audio(50, 0, 3);
  TurnFeatures features(20);
  features.append(audio);
  const auto before = read(features);
  features.append(std::vector<float>(kHop - 1, 0.7f));
  EXPECT_EQ(read(features), before);
  features.append(std::vector<float>(1, 0.7f));
  EXPECT_NE(read(features), before);
}

TEST(TurnFeatures, SamplesThatAreNoSoundCountAsZero) {
  auto rubbish = lively_audio(30, 0, 4), silenced = rubbish;
  for (std::size_t i = 0; i < rubbish.size(); i += 97) {
    rubbish[i] =
        i % 2 == 0 ? std::numeric_limits<float>::quiet_NaN() : -std::numeric_limits<float>::infinity();
    silenced[i] = 0;
  }
  TurnFeatures a(20), b(20);
  a.append(rubbish);
  b.append(silenced);
  EXPECT_EQ(read(a), read(b));
}

TEST(TurnFeatures, EqualThePublishedOnes) {
  const auto golden = nlohmann::json::parse(std::ifstream("tests/data/models/smart_turn_golden.json"));
  for (const auto& [name, expected] : golden.at("cases").items()) {
    auto audio = test::swelling_buzz();
    audio.resize(expected.at("samples"));
    TurnFeatures features(8);
    features.append(audio);
    const auto values = read(features);
    for (std::size_t i = 0; i < 8; ++i) {
      EXPECT_NEAR(values[i * 8 + 7], expected.at("features_last_column_first8")[i].get<float>(), 1e-4)
          << name;
      EXPECT_NEAR(values[10 * 8 + i], expected.at("features_row10_last8")[i].get<float>(), 1e-4) << name;
    }
  }
}

}  // namespace
}  // namespace antiphon::models
