#include "models/native/silero_vad.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/model_files.h"
#include "tests/support/recording.h"
#include "tests/support/test_signals.h"

namespace antiphon::models {
namespace {

void expect_golden(const std::filesystem::path& golden_file) {
  const auto golden = nlohmann::json::parse(std::ifstream(golden_file));
  const double tolerance = golden.at("tolerance").at("prob");
  SileroVad vad(test::models_folder() / "silero-vad" / "silero_vad_16k.safetensors", 1);
  for (const auto& [name, expected] : golden.at("cases").items()) {
    const auto audio = name == "synthetic" ? test::swelling_buzz()
                                           : test::read_recording(test::shared_folder() / "speech" / name);
    vad.reset(Slot{0});
    double worst = 0;
    const auto& probabilities = expected.at("prob");
    for (std::size_t i = 0; i < probabilities.size(); ++i) {
      const VoiceActivityDetector::Window window{Slot{0},
                                                 std::span(audio)
                                                     .subspan(i * VoiceActivityDetector::kWindowSamples)
                                                     .first<VoiceActivityDetector::kWindowSamples>()};
      float probability = -1;
      vad.step({&window, 1}, {&probability, 1});
      worst = std::max(worst, std::abs(double{probability} - probabilities[i].get<double>()));
    }
    EXPECT_LT(worst, tolerance) << name;
    const double state_tolerance = golden.at("tolerance").at("state");
    for (std::size_t n = 0; n < 8; ++n) {
      EXPECT_NEAR(vad.hidden(Slot{0})[n], expected.at("h_last_first8")[n].get<float>(), state_tolerance)
          << name;
      EXPECT_NEAR(vad.cell(Slot{0})[n], expected.at("c_last_first8")[n].get<float>(), state_tolerance)
          << name;
    }
  }
}

TEST(SileroVadGolden, SyntheticSignal) {
  expect_golden("tests/data/models/silero_vad_golden.json");
}

TEST(SileroVadGolden, DevelopmentRecordings) {
  if (test::shared_folder().empty()) GTEST_SKIP() << "no development recordings here";
  expect_golden(test::shared_folder() / "models" / "golden_vad.json");
}

}  // namespace
}  // namespace antiphon::models
