#include "models/native/silero_vad.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

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

// Beside a slot that hears silence: one whose samples are not 0, but too faint for any number in the network.
class TwoSlots {
 public:
  void hear(std::span<const float> audio) {
    constexpr std::size_t kSamples = VoiceActivityDetector::kWindowSamples;
    for (; audio.size() >= kSamples; audio = audio.subspan(kSamples)) {
      const auto window = audio.first<kSamples>();
      std::array<float, kSamples> faint;
      std::ranges::transform(window, faint.begin(),
                             [](float sample) { return sample == 0 ? 1e-30F : sample; });
      const VoiceActivityDetector::Window batch[] = {{Slot{0}, window}, {Slot{1}, faint}};
      std::array<float, 2> probabilities{};
      vad.step(batch, probabilities);
      worst_probability = std::max(worst_probability, std::abs(probabilities[0] - probabilities[1]));
      worst_state = std::max({worst_state, difference(vad.hidden(Slot{0}), vad.hidden(Slot{1})),
                              difference(vad.cell(Slot{0}), vad.cell(Slot{1}))});
    }
  }

  SileroVad vad{test::models_folder() / "silero-vad" / "silero_vad_16k.safetensors", 2};
  float worst_probability = 0;
  float worst_state = 0;

 private:
  static float difference(std::span<const float> a, std::span<const float> b) {
    float largest = 0;
    for (std::size_t n = 0; n < a.size(); ++n) largest = std::max(largest, std::abs(a[n] - b[n]));
    return largest;
  }
};

TEST(SileroVadSilence, IsHeardAsIfAllOfItWereComputed) {
  TwoSlots slots;
  const std::vector<float> sound = test::swelling_buzz();
  for (const int windows : {1, 2, 625, 3}) {
    slots.hear(std::vector<float>(static_cast<std::size_t>(windows) * 512));
    slots.hear(sound);
  }
  EXPECT_LE(slots.worst_probability, 1e-6F);
  EXPECT_LE(slots.worst_state, 1e-5F);
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
