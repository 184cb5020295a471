#include "pipeline/engine/session_rating.h"

#include <algorithm>
#include <cassert>
#include <chrono>

namespace antiphon::pipeline {
namespace {

// A turn and its answer, in the shape that the load tool's sessions have.
constexpr double kCycleSeconds = 8;
constexpr double kUserSeconds = 3;
constexpr double kReplySeconds = 3.5;
constexpr double kRecognitions = 3;  // the final words, and two in partial transcripts
constexpr double kTurnQuestions = 2;
constexpr double kTokensRead = 40;
constexpr double kTokensWritten = 20;
constexpr double kWindowsPerSecond = 1000.0 / 32;
constexpr double kShareForNetworks = 0.37;  // docs/measurements/load.md: where the measured knee is

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Duration work_of_session_second(const WorkCosts& costs) {
  const double cycle = kRecognitions * kUserSeconds * seconds(costs.heard_second) +
                       kTurnQuestions * seconds(costs.end_of_turn) + kTokensRead * seconds(costs.read_token) +
                       kTokensWritten * seconds(costs.written_token) +
                       kReplySeconds * seconds(costs.spoken_second);
  const double second = cycle / kCycleSeconds + kWindowsPerSecond * seconds(costs.voice_window);
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(second));
}

int rated_sessions(const WorkCosts& costs, int processors) {
  assert(processors > 0);
  constexpr double kSessionsMax = 1e6;
  const double work = std::max(seconds(work_of_session_second(costs)), 1e-6);
  return static_cast<int>(std::clamp(kShareForNetworks * processors / work, 1.0, kSessionsMax));
}

}  // namespace antiphon::pipeline
