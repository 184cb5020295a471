#include "tests/simulation/simulation.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "tests/simulation/failing_networks.h"
#include "tests/simulation/lane_filler.h"
#include "tests/simulation/scenario.h"

namespace antiphon::simulation {

using fakes::FakeNetworks;
namespace {

using namespace pipeline;

constexpr std::chrono::minutes kLongest{10};  // of virtual time
constexpr int kEventsMax = 2'000'000;

void check_queue(const char* name, std::size_t waiting, std::size_t max, FaultList& faults) {
  if (waiting > max) faults.add(std::string(name) + ": a queue beyond its limit");
}

void check_limits(const EngineReport& report, FaultList& faults) {
  check_queue("mail", report.media.mail_waiting, report.media.mail_max, faults);
  check_queue("results", report.media.results_waiting, report.media.results_max, faults);
  for (const QueueReport& queue :
       {report.voice_windows, report.compute_tasks, report.language_model_requests}) {
    check_queue("compute", static_cast<std::size_t>(queue.waiting), static_cast<std::size_t>(queue.capacity),
                faults);
  }
  if (report.sessions > report.seats) faults.add("more sessions than seats");
}

void check_all_returned(const EngineReport& report, FaultList& faults) {
  const auto expect_none = [&faults](const char* what, std::size_t left) {
    if (left != 0) faults.add(std::to_string(left) + " " + what + " left at the end");
  };
  expect_none("seats", static_cast<std::size_t>(report.sessions));
  expect_none("mails", report.media.mail_waiting);
  expect_none("lane results", report.media.results_waiting);
  expect_none("voice windows", static_cast<std::size_t>(report.voice_windows.waiting));
  expect_none("compute tasks", static_cast<std::size_t>(report.compute_tasks.waiting));
  expect_none("language model requests", static_cast<std::size_t>(report.language_model_requests.waiting));
}

using Clients = std::vector<std::unique_ptr<VirtualClient>>;

// Until every client has gone and the engine has let go of everything; returns how many events it took.
// `from`: not before.
int run(VirtualEngine& engine, const Clients& clients, Time from, FaultList& faults) {
  const auto over = [&] {
    return engine.now() >= from &&
           std::ranges::all_of(clients, [](const auto& client) { return client->gone(); }) &&
           engine.core().media().idle() && engine.core().executor().tasks_in_flight() == 0 &&
           engine.core().media().counts().mail_waiting == 0;
  };
  int events = 0;
  for (; !over(); ++events) {
    if (events > kEventsMax || engine.now() > Time(kLongest)) {
      faults.add("it never ends");
      break;
    }
    if (!engine.step()) {
      faults.add("everything sleeps, and work is left");
      break;
    }
    if (events % 4096 == 0) check_limits(engine.core().report(), faults);
  }
  return events;
}

Outcome outcome_of(const EngineReport& report, const Clients& clients, FaultList& faults) {
  Outcome outcome;
  for (const auto& client : clients) {
    outcome.sessions += client->refused() ? 0 : 1;
    outcome.sessions_refused += client->refused() ? 1 : 0;
    outcome.responses += client->checker().responses();
    outcome.interruptions += client->checker().interruptions();
    outcome.side_responses += client->checker().side_responses();
    outcome.failures += client->checker().failures();
    outcome.calls += client->checker().calls();
    outcome.events_lost += client->events_lost();
  }
  if (report.media.events_refused != outcome.events_lost) faults.add("lost events were not counted");
  outcome.tasks_refused = report.compute_tasks.refused;
  outcome.faults = faults.all();
  return outcome;
}

}  // namespace

Outcome simulate(std::uint64_t seed, Sabotage sabotage) {
  Dice dice(seed);
  FaultList faults;
  Scenario scenario = scenario_of(seed, &dice);
  FakeNetworks networks(scenario.engine.sessions_max, scenario.context_tokens_max, &faults);
  networks.set_reply_tokens_max(scenario.reply_tokens_max);
  const VirtualEngine* clock = nullptr;
  const std::function<bool()> fails = [&] {
    return clock != nullptr && clock->now() < scenario.fails_until && dice.chance(scenario.failure_chance);
  };
  const FailingNetworks failing(networks.networks(), &fails);
  VirtualEngine engine(failing.networks(), scenario.engine, scenario.speeds, &dice);
  clock = &engine;
  Clients clients;
  for (ClientPlan& plan : scenario.clients) {
    plan.sabotage = sabotage;
    clients.push_back(
        std::make_unique<VirtualClient>(std::move(plan), &engine, &networks.language_model(), &faults));
  }
  if (scenario.drains) engine.in(*scenario.drains, [&engine] { engine.core().drain(); });
  LaneFiller filler(&engine.core().executor());
  if (scenario.full_lanes) {
    engine.at(scenario.full_lanes->from, [&filler] { filler.fill(); });
    engine.at(scenario.full_lanes->to, [&filler] { filler.empty(); });
  }
  const int events = run(engine, clients, scenario.full_lanes ? scenario.full_lanes->to : Time(), faults);
  const EngineReport report = engine.core().report();
  if (faults.empty()) check_all_returned(report, faults);
  Outcome outcome = outcome_of(report, clients, faults);
  outcome.virtual_time = engine.now().time_since_epoch();
  outcome.events = events;
  return outcome;
}

}  // namespace antiphon::simulation
