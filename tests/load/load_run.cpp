#include "tests/load/load_run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

namespace antiphon::load {
namespace {

constexpr std::chrono::seconds kLeaveMax{5};

ServerMetrics gained(const ServerMetrics& before, const ServerMetrics& after) {
  ServerMetrics gains;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    const double gain = value - (old != before.end() ? old->second : 0);
    if (gain != 0) gains[name] = gain;
  }
  return gains;
}

ProcessUsage used(const ProcessUsage& before, const ProcessUsage& after) {
  ProcessUsage usage;
  usage.resident_mib = after.resident_mib;
  for (const auto& [name, seconds] : after.cpu_seconds) {
    const auto old = before.cpu_seconds.find(name);
    usage.cpu_seconds[name] = seconds - (old != before.cpu_seconds.end() ? old->second : 0);
  }
  usage.cpu_seconds_all = after.cpu_seconds_all - before.cpu_seconds_all;
  return usage;
}

// What others do is to leave those alone who were there before.
void compare(RunResult* result) {
  if (result->profile != "overload" && result->profile != "slow-readers") return;
  const double first = result->phases.front().figures.ms(Metric::kVoiceToVoice, 0.99);
  if (first <= 0) return;
  for (std::size_t number = 1; number < result->phases.size(); ++number) {
    PhaseResult& phase = result->phases[number];
    const double now = phase.figures.ms(Metric::kVoiceToVoice, 0.99);
    if (now > 0) phase.answers_moved_percent = 100 * (now - first) / first;
  }
}

}  // namespace

LoadRun::LoadRun(const TalkerSettings& settings, std::vector<Phase> phases, int threads, std::uint64_t seed,
                 pid_t server_process, bool progress)
    : settings_(settings),
      phases_(std::move(phases)),
      server_process_(server_process),
      progress_(progress),
      begin_(pipeline::Clock::now()) {
  // A phase's stats, and one more for what happens between phases.
  const int stats = static_cast<int>(phases_.size()) + 1;
  for (int i = 0; i < threads; ++i) {
    crews_.push_back(std::make_unique<Crew>(settings, i, threads, stats, seed));
  }
}

void LoadRun::play(RunResult* result) {
  result->phases.resize(phases_.size());
  for (std::size_t number = 0; number < phases_.size(); ++number) {
    play_phase(static_cast<int>(number), result);
  }
  for (auto& crew : crews_) crew->end();
  result->sessions_left = sessions_left();
  for (std::size_t number = 0; number < phases_.size(); ++number) {
    result->phases[number].figures = figures(static_cast<int>(number));
  }
  compare(result);
}

// Those that left a moment ago may still have a step running.
std::optional<int> LoadRun::sessions_left() const {
  const auto until = pipeline::Clock::now() + kLeaveMax;
  for (;;) {
    const ServerMetrics metrics = metrics_of(settings_.server);
    const auto sessions = metrics.find("antiphon_sessions");
    if (sessions == metrics.end()) return std::nullopt;
    if (sessions->second <= 0 || pipeline::Clock::now() >= until) return static_cast<int>(sessions->second);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

void LoadRun::play_phase(int number, RunResult* result) {
  const Phase& phase = phases_[static_cast<std::size_t>(number)];
  PhaseResult& played = result->phases[static_cast<std::size_t>(number)];
  const int between = static_cast<int>(phases_.size());
  for (auto& crew : crews_) crew->become(phase.settle_seconds > 0 ? between : number, phase.population);
  wait(phase.settle_seconds, number, result);
  const ServerMetrics metrics = metrics_of(settings_.server);
  const ProcessUsage before = usage_of(server_process_);
  const double tool_before = usage_of(getpid()).cpu_seconds_all;
  const double machine_before = machine_cpu_seconds();
  for (auto& crew : crews_) crew->become(number, phase.population);
  played.phase = phase;
  played.begin_seconds = now_seconds();
  wait(phase.seconds, number, result);
  played.seconds = now_seconds() - played.begin_seconds;
  played.server = used(before, usage_of(server_process_));
  played.tool_cpu_seconds = usage_of(getpid()).cpu_seconds_all - tool_before;
  played.other_cpu_seconds = std::max(0.0, machine_cpu_seconds() - machine_before - played.tool_cpu_seconds -
                                               (server_process_ > 0 ? played.server.cpu_seconds_all : 0));
  played.metrics = gained(metrics, metrics_of(settings_.server));
}

void LoadRun::wait(double seconds, int number, RunResult* result) {
  const auto end =
      pipeline::Clock::now() + std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
  while (pipeline::Clock::now() < end) {
    std::this_thread::sleep_until(std::min(end, pipeline::Clock::now() + std::chrono::seconds(1)));
    sample(number, result);
  }
}

void LoadRun::sample(int number, RunResult* result) {
  const double now = now_seconds();
  const double passed = now - last_sample_;
  if (passed < 0.5) return;
  const ProcessUsage usage = usage_of(server_process_);
  const double tool = usage_of(getpid()).cpu_seconds_all;
  const Sample sample{now, connected(), 100 * (usage.cpu_seconds_all - last_cpu_) / passed,
                      100 * (tool - last_tool_cpu_) / passed, usage.resident_mib};
  if (last_sample_ > 0) result->samples.push_back(sample);
  last_sample_ = now;
  last_cpu_ = usage.cpu_seconds_all;
  last_tool_cpu_ = tool;
  if (!progress_) return;
  const LoadFigures so_far = figures(number);
  std::fprintf(
      stderr,
      "\r\033[K%5.0f s  %-20.20s %4d connected  turns %-5llu  heard after p50 %4.0f p95 %4.0f ms  late "
      "p99 %5.1f ms  underruns %llu  cpu %3.0f %%  %5.0f MiB",
      now, phases_[static_cast<std::size_t>(number)].name.c_str(), sample.connections,
      static_cast<unsigned long long>(so_far.of(Count::kTurns)), so_far.ms(Metric::kVoiceToVoice, 0.5),
      so_far.ms(Metric::kVoiceToVoice, 0.95), so_far.ms(Metric::kPlayoutLateness, 0.99),
      static_cast<unsigned long long>(so_far.of(Count::kUnderruns)), sample.cpu_percent, sample.resident_mib);
}

LoadFigures LoadRun::figures(int number) const {
  LoadFigures sum;
  for (const auto& crew : crews_) crew->add_to(number, &sum);
  return sum;
}

int LoadRun::connected() const {
  int all = 0;
  for (const auto& crew : crews_) all += crew->connected();
  return all;
}

double LoadRun::now_seconds() const {
  return std::chrono::duration<double>(pipeline::Clock::now() - begin_).count();
}

}  // namespace antiphon::load
