// A whole run, as JSON and the report tell it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/load/load_stats.h"
#include "tests/load/profile.h"
#include "tests/load/server_process.h"

namespace antiphon::load {

// Once a second.
struct Sample {
  double seconds = 0;  // since the run began
  int connections = 0;
  double cpu_percent = 0;       // of one core, the server's
  double tool_cpu_percent = 0;  // likewise, the tool's own
  double resident_mib = 0;      // the server's
};

struct PhaseResult {
  Phase phase;
  double begin_seconds = 0;  // since the run began
  double seconds = 0;        // as long as it really took
  LoadFigures figures;
  ProcessUsage server;  // used in this phase; resident_mib: at its end
  double tool_cpu_seconds = 0;
  double other_cpu_seconds = 0;  // of all programs but the server and the tool
  ServerMetrics metrics;         // what the server's counters gained
  // By how much the answers' p99 is above that of the run's first phase, in percent of it; nothing: is not
  // compared.
  std::optional<double> answers_moved_percent;

  double cpu_cores() const { return seconds > 0 ? server.cpu_seconds_all / seconds : 0; }
  double other_cpu_percent() const { return seconds > 0 ? 100 * other_cpu_seconds / seconds : 0; }
  int sessions() const {
    return phase.population.talking + phase.population.silent + phase.population.mute +
           phase.population.stop_reading;
  }
};

struct RunResult {
  std::string command;
  std::string profile;
  std::string models;  // as /readyz says; empty: it does not say
  std::vector<PhaseResult> phases;
  std::vector<Sample> samples;
  // That the server still had a while after the last client was gone; nothing: it does not say.
  std::optional<int> sessions_left;
};

// What a phase has to keep to, in milliseconds where nothing else is said; 0: is not looked at.
struct Objectives {
  double voice_to_voice_p95 = 800;
  double barge_in_p99 = 300;
  double underruns_per_10000 = 1;
  double playout_lateness_p99 = 0;
  double playout_lateness_p999 = 0;
  double round_trip_p99 = 0;
  double refused_max = 50;
  double answers_moved_percent = 10;  // voice to voice p99
  double memory_growth_percent = 1;   // of a soak
  // The tool itself: beyond this its figures are not worth much.
  double send_lateness_p99 = 5;
};

// What holds however slow the machine is.
Objectives without_times();

// A sentence for each objective that the phase misses.
std::vector<std::string> misses(const PhaseResult& phase, const Objectives& objectives);
// And for those of the run as a whole.
std::vector<std::string> misses(const RunResult& run, const Objectives& objectives);
// How the server's resident memory in the last quarter of the run differs from that in the second, in percent
// of it; nothing: too short to say.
std::optional<double> memory_growth_percent(const RunResult& run);
// Beyond this part of a core, other programs are told of beside the figures, which are theirs too.
inline constexpr double kOtherCpuPercent = 20;
// The last phase before the first one that misses; null: the first one does.
const PhaseResult* knee(const RunResult& run, const Objectives& objectives);

// The part of the histogram's values up to `bound_seconds`, of what a phase added to it; none without values.
std::optional<double> share_within(const ServerMetrics& gained, const std::string& histogram,
                                   const std::string& bound_seconds);

std::string text_of(const RunResult& run, const Objectives& objectives);
std::string json_of(const RunResult& run, const Objectives& objectives);
// One file that needs no other.
std::string html_of(const RunResult& run, const Objectives& objectives);

}  // namespace antiphon::load
