#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/simulation/scenario.h"

namespace antiphon::simulation {
namespace {

// From the environment, or `otherwise`.
std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string explained(std::uint64_t seed, const Outcome& outcome) {
  std::string text = "seed " + std::to_string(seed) + ":";
  for (const std::string& fault : outcome.faults) text += "\n  " + fault;
  return text + "\nRun it again: ANTIPHON_SIMULATION_FIRST_SEED=" + std::to_string(seed) +
         " ANTIPHON_SIMULATION_SEEDS=1 build/<preset>/tests/test_simulation --gtest_filter=Simulation.*";
}

TEST(Simulation, NothingEverGoesWrong) {
  const std::uint64_t first = number("ANTIPHON_SIMULATION_FIRST_SEED", 0);
  const std::uint64_t seeds = number("ANTIPHON_SIMULATION_SEEDS", 40);
  int failed = 0;
  for (std::uint64_t seed = first; seed < first + seeds && failed < 5; ++seed) {
    const Outcome outcome = simulate(seed);
    if (!outcome.faults.empty()) {
      ++failed;
      ADD_FAILURE() << explained(seed, outcome);
    }
  }
}

// The canaries: a broken server must be noticed.
std::string first_fault(Sabotage sabotage, int theme = 0) {
  for (int n = 0; n < 20; ++n) {  // seeds of one theme; the first interrupts most
    const auto seed = static_cast<std::uint64_t>(n * kThemes + theme);
    const Outcome outcome = simulate(seed, sabotage);
    if (!outcome.faults.empty()) return outcome.faults.front();
  }
  return "";
}

TEST(SimulationCanary, SoundOfAnOldReplyIsNoticed) {
  EXPECT_NE(first_fault(Sabotage::kStaleAudio).find("old reply after speech_started"), std::string::npos)
      << first_fault(Sabotage::kStaleAudio);
}

TEST(SimulationCanary, ALostTerminalIsNoticed) {
  EXPECT_NE(first_fault(Sabotage::kLostTerminal), "");
}

TEST(SimulationCanary, ALostPartOfACallIsNoticed) {
  constexpr int kFunctions = 10;
  EXPECT_NE(first_fault(Sabotage::kLostArguments, kFunctions), "");
}

TEST(SimulationCanary, TheSeedsDoWhatTheyAreFor) {
  Outcome sum;
  for (std::uint64_t seed = 0; seed < 3 * kThemes; ++seed) {
    const Outcome outcome = simulate(seed);
    sum.sessions += outcome.sessions;
    sum.responses += outcome.responses;
    sum.interruptions += outcome.interruptions;
    sum.sessions_refused += outcome.sessions_refused;
    sum.events_lost += outcome.events_lost;
    sum.side_responses += outcome.side_responses;
    sum.failures += outcome.failures;
    sum.calls += outcome.calls;
    sum.tasks_refused += outcome.tasks_refused;
  }
  EXPECT_GE(sum.sessions, 30);
  EXPECT_GE(sum.responses, 30);
  EXPECT_GE(sum.interruptions, 5);
  EXPECT_GE(sum.sessions_refused, 1);
  EXPECT_GE(sum.events_lost, 1U);
  EXPECT_GE(sum.side_responses, 5);
  EXPECT_GE(sum.failures, 2);
  EXPECT_GE(sum.calls, 3);
  EXPECT_GE(sum.tasks_refused, 1U);
}

TEST(SimulationCanary, TheSameSeedIsTheSameRun) {
  for (const std::uint64_t seed : {3, 6}) {
    const Outcome once = simulate(seed);
    const Outcome again = simulate(seed);
    EXPECT_EQ(once.responses, again.responses);
    EXPECT_EQ(once.virtual_time, again.virtual_time);
    EXPECT_EQ(once.events, again.events);
  }
}

}  // namespace
}  // namespace antiphon::simulation
