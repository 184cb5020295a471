#include "models/torch/smart_turn.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/model_files.h"
#include "tests/support/recording.h"
#include "tests/support/test_signals.h"
#include "tests/support/whole_turn_features.h"

namespace antiphon::models {
namespace {

SmartTurn::Config config(int slots) {
  return {.weights = test::models_folder() / "smart-turn" / "smart_turn_v3.2.safetensors", .slots = slots};
}

std::vector<float> audio_of(const std::string& name, std::size_t samples) {
  auto audio = name.starts_with("synthetic")
                   ? test::swelling_buzz()
                   : test::read_recording(test::shared_folder() / "speech" / name.substr(0, name.find(' ')));
  audio.resize(samples);
  return audio;
}

SmartTurn::Config exact_config(int slots) {
  SmartTurn::Config exact = config(slots);
  exact.precision = torch::Precision::kF32;
  return exact;
}

float probability_of(float logit) {
  return 1 / (1 + std::exp(-logit));
}

void expect_golden(const std::filesystem::path& golden_file) {
  const auto golden = nlohmann::json::parse(std::ifstream(golden_file));
  const auto& tolerance = golden.at("tolerance");
  const SmartTurn network(exact_config(0)), product(config(0));
  for (const auto& [name, expected] : golden.at("cases").items()) {
    const auto audio = audio_of(name, expected.at("samples"));
    const auto features = test::whole_turn_features(audio);
    double mean = 0;
    for (const float value : features) mean += value / static_cast<double>(features.size());
    EXPECT_NEAR(mean, expected.at("features_mean").get<float>(), tolerance.at("features")) << name;
    const float logit = network.logit(features).run_to_end();
    EXPECT_NEAR(logit, expected.at("logit").get<float>(), tolerance.at("logit")) << name;
    EXPECT_NEAR(probability_of(logit), expected.at("prob").get<float>(), tolerance.at("prob")) << name;
    const float rounded = product.logit(features).run_to_end();
    EXPECT_NEAR(probability_of(rounded), expected.at("prob").get<float>(), 0.03) << name;
  }
}

TEST(SmartTurnGolden, SyntheticSignal) {
  expect_golden("tests/data/models/smart_turn_golden.json");
}

TEST(SmartTurnGolden, DevelopmentRecordings) {
  if (test::shared_folder().empty()) GTEST_SKIP() << "no development recordings here";
  expect_golden(test::shared_folder() / "models" / "golden_turn.json");
}

TEST(SmartTurn, TheLastTwoSecondsOfASlotGiveTheReferencesAnswer) {
  const auto golden = nlohmann::json::parse(std::ifstream("tests/data/models/smart_turn_golden.json"));
  SmartTurn detector(exact_config(3));
  for (const auto& [name, expected] : golden.at("cases").items()) {
    const auto audio = audio_of(name, expected.at("samples"));
    detector.reset(Slot{1});
    for (std::size_t i = 0; i < audio.size(); i += 700) {
      detector.append(Slot{1}, std::span(audio).subspan(i, std::min<std::size_t>(700, audio.size() - i)));
      detector.append(Slot{2}, std::span(audio).first(i / 2));  // another session's turn
    }
    Stepped<float> answer = detector.probability(Slot{1});
    detector.append(Slot{1}, std::vector<float>(16000, 0.5f));  // later audio changes nothing
    int steps = 1;
    while (!answer.step()) ++steps;
    EXPECT_GE(steps, 6);
    EXPECT_NEAR(answer.take(), expected.at("prob_last_200").get<float>(), golden.at("tolerance").at("prob"))
        << name;
  }
}

TEST(SmartTurn, RubbishInOneSlotHarmsNoOther) {
  SmartTurn detector(config(2));
  const auto audio = test::swelling_buzz();
  detector.append(Slot{1}, audio);
  const float before = detector.probability(Slot{1}).run_to_end();
  detector.append(Slot{0}, std::vector<float>(5000, std::nanf("")));
  EXPECT_TRUE(std::isfinite(detector.probability(Slot{0}).run_to_end()));
  EXPECT_EQ(detector.probability(Slot{1}).run_to_end(), before);
}

TEST(SmartTurn, AWindowThatTheNetworkCannotTakeIsRefused) {
  for (const int columns : {0, 7, 800}) {
    auto wrong = config(1);
    wrong.window_columns = columns;
    EXPECT_THROW(SmartTurn{wrong}, std::runtime_error) << columns;
  }
}

}  // namespace
}  // namespace antiphon::models
