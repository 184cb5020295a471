// What the networks cost is measured once and kept; here with stand-ins, whose steps take a known time.
#include "server/commands/calibration.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>

#include "server/commands/stand_in_models.h"
#include "server/commands/voice_networks.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using namespace std::chrono_literals;

TEST(Calibration, MeasuresEveryNetwork) {
  const VoiceNetworks voice(
      stand_in_models(1, step_times({"voice=300", "turn=1000", "encode=2000", "decode=1000", "language=2000",
                                     "synthesis=3000"})));
  const pipeline::Networks networks = voice.networks();
  networks.language_model->reset(models::Slot{0});
  const pipeline::WorkCosts costs = measured_costs(networks);
  EXPECT_GE(costs.voice_window, 300us);
  EXPECT_GE(costs.end_of_turn, 2ms);
  EXPECT_GE(costs.written_token, 2ms);
  EXPECT_GT(costs.read_token, 2ms / 64);
  EXPECT_LT(costs.read_token, costs.written_token) << "a prompt is one pass";
  EXPECT_EQ(networks.language_model->length(models::Slot{0}), 0);
}

TEST(Calibration, ATokenCostsLessInCompany) {
  const auto written_with_slots = [](int slots) {
    const VoiceNetworks voice(stand_in_models(slots, step_times({"language=2000"})));
    return measured_costs(voice.networks()).written_token;
  };
  EXPECT_LT(written_with_slots(4), written_with_slots(1));
}

TEST(Calibration, IsKeptForEachSubject) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "cache" / "calibration.json";
  pipeline::WorkCosts costs;
  costs.heard_second = 100ms;
  costs.written_token = 5ms;
  EXPECT_FALSE(kept_costs(file, "this machine"));
  EXPECT_TRUE(keep_costs(file, "this machine", costs));
  EXPECT_TRUE(keep_costs(file, "another", {}));
  EXPECT_EQ(kept_costs(file, "this machine"), costs);
  EXPECT_FALSE(kept_costs(file, "a third"));
}

TEST(Calibration, ADamagedFileIsMeasuredAnew) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "calibration.json";
  std::ofstream(file) << R"({"this machine": {"voice_window_ns": "fast"}})";
  EXPECT_FALSE(kept_costs(file, "this machine"));
  std::ofstream(file) << "{";
  EXPECT_FALSE(kept_costs(file, "this machine"));
  EXPECT_TRUE(keep_costs(file, "this machine", {}));
  EXPECT_TRUE(kept_costs(file, "this machine"));
}

TEST(FakeStepTimes, AreNamedInTheErrorIfTheyAreNone) {
  for (const char* piece : {"voice", "voice=", "voice=-1", "voice=1x", "other=1", "voice=2000000"}) {
    EXPECT_THROW(static_cast<void>(step_times({piece})), std::runtime_error) << piece;
  }
}

}  // namespace
}  // namespace antiphon::server
