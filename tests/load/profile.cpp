#include "tests/load/profile.h"

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

namespace antiphon::load {
namespace {

using Phases = std::vector<Phase>;

Population talking(const ProfileOptions& options, int sessions) {
  Population population;
  population.talking = sessions;
  population.barge_in_share = options.barge_in_share;
  return population;
}

Phases steady(const ProfileOptions& options) {
  return {{"steady", talking(options, options.sessions), options.seconds}};
}

Phases ramp(const ProfileOptions& options) {
  const int step = options.sessions_step > 0 ? options.sessions_step : std::max(1, options.sessions / 10);
  std::vector<int> counts = {1};
  for (int sessions = step; sessions <= options.sessions; sessions += step) {
    if (sessions > 1) counts.push_back(sessions);
  }
  Phases phases;
  for (const int sessions : counts) {
    phases.push_back({std::to_string(sessions), talking(options, sessions), options.seconds});
  }
  return phases;
}

Phases idle(const ProfileOptions& options) {
  Population none;
  Population mute;
  mute.mute = options.sessions;
  Population silent;
  silent.silent = options.sessions;
  return {{"nobody", none, options.seconds, 1},
          {"mute", mute, options.seconds},
          {"nobody again", none, options.seconds / 2},
          {"silent microphones", silent, options.seconds}};
}

Phases barge_in(const ProfileOptions& options) {
  Population population = talking(options, options.sessions);
  population.barge_in_share = 1;
  return {{"barge-in", population, options.seconds}};
}

Phases churn(const ProfileOptions& options) {
  Population population = talking(options, options.sessions);
  population.leave_per_second = std::max(1.0, options.sessions / 5.0);
  return {{"calm", talking(options, options.sessions), options.seconds},
          {"churn", population, options.seconds},
          {"calm again", talking(options, options.sessions), options.seconds}};
}

Phases spike(const ProfileOptions& options) {
  return {{"few", talking(options, std::max(1, options.sessions / 5)), options.seconds},
          {"all", talking(options, options.sessions), options.seconds, 0},
          {"few again", talking(options, std::max(1, options.sessions / 5)), options.seconds}};
}

Phases slow_readers(const ProfileOptions& options) {
  Population population = talking(options, options.sessions);
  population.stop_reading = std::max(1, options.sessions / 4);
  return {{"all read", talking(options, options.sessions), options.seconds},
          {"some stop reading", population, options.seconds, 0}};
}

Phases overload(const ProfileOptions& options) {
  Population population = talking(options, options.sessions);
  population.knocking = options.sessions;
  return {{"full", talking(options, options.sessions), options.seconds},
          {"twice as many come", population, options.seconds, 0}};
}

Phases soak(const ProfileOptions& options) {
  constexpr int kParts = 4;
  Population population = talking(options, options.sessions);
  population.leave_per_second = std::max(0.2, options.sessions / 20.0);
  Phases phases;
  for (int part = 1; part <= kParts; ++part) {
    phases.push_back(
        {"part " + std::to_string(part), population, options.seconds / kParts, part == 1 ? 3.0 : 0});
  }
  return phases;
}

struct Profile {
  const char* name;
  const char* help;
  std::function<Phases(const ProfileOptions&)> phases;
};

const std::vector<Profile>& table() {
  static const std::vector<Profile> all = {
      {"steady", "--sessions that talk", steady},
      {"ramp", "more and more sessions, up to --sessions; finds the knee", ramp},
      {"spike", "a fifth of the sessions, then all at once, then a fifth", spike},
      {"idle", "nobody; sessions that send nothing; sessions with a silent microphone", idle},
      {"barge-in", "every answer is interrupted at a random moment", barge_in},
      {"churn", "sessions come and go, half of them by a reset", churn},
      {"slow-readers", "a quarter more sessions, which stop reading", slow_readers},
      {"overload", "as many again knock every second; the server should hold --sessions", overload},
      {"soak", "talk with some churn; memory against time", soak}};
  return all;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> profiles() {
  std::vector<std::pair<std::string, std::string>> names;
  for (const Profile& profile : table()) names.emplace_back(profile.name, profile.help);
  return names;
}

std::vector<Phase> phases_of(const ProfileOptions& options) {
  for (const Profile& profile : table()) {
    if (options.profile != profile.name) continue;
    Phases phases = profile.phases(options);
    for (Phase& phase : phases) {
      if (options.settle_seconds >= 0 && phase.settle_seconds > 0)
        phase.settle_seconds = options.settle_seconds;
    }
    return phases;
  }
  throw std::runtime_error("--profile: there is no '" + options.profile + "'");
}

int connections_of(const std::vector<Phase>& phases) {
  int most = 1;
  for (const Phase& phase : phases) {
    const Population& all = phase.population;
    most = std::max(most, all.talking + all.silent + all.mute + all.stop_reading + all.knocking);
  }
  return most;
}

}  // namespace antiphon::load
