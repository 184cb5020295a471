#include "tests/load/run_result.h"

#include <boost/json.hpp>
#include <cstdarg>
#include <cstdio>

namespace antiphon::load {
namespace {
namespace json = boost::json;

constexpr const char* kTicks = "antiphon_tick_lateness_seconds";

__attribute__((format(printf, 1, 2))) std::string line(const char* format, ...) {
  char text[400];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

void check(const char* what, double value, double limit, std::vector<std::string>* sentences) {
  if (limit > 0 && value > limit) sentences->push_back(line("%s %.1f > %.1f", what, value, limit));
}

json::object json_of(const pipeline::LatencySnapshot& times) {
  const auto ms = [](Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
  };
  json::object object{{"count", times.count()}};
  if (times.count() == 0) return object;
  object["mean_ms"] = ms(times.sum) / static_cast<double>(times.count());
  object["p50_ms"] = ms(times.quantile(0.5));
  object["p95_ms"] = ms(times.quantile(0.95));
  object["p99_ms"] = ms(times.quantile(0.99));
  object["p999_ms"] = ms(times.quantile(0.999));
  object["max_ms"] = ms(times.max);
  return object;
}

json::object json_of(const PhaseResult& phase, const Objectives& objectives) {
  json::object latencies;
  for (std::size_t i = 0; i < kMetrics; ++i) latencies[kMetricNames[i]] = json_of(phase.figures.metrics[i]);
  json::object counts;
  for (std::size_t i = 0; i < kCounts; ++i) counts[kCountNames[i]] = phase.figures.counts[i];
  json::object threads;
  for (const auto& [name, seconds] : phase.server.cpu_seconds) threads[name] = seconds;
  json::object metrics;
  for (const auto& [name, gained] : phase.metrics) metrics[name] = gained;
  const auto missed = misses(phase, objectives);
  return {{"name", phase.phase.name},
          {"sessions", phase.sessions()},
          {"seconds", phase.seconds},
          {"latencies", std::move(latencies)},
          {"counts", std::move(counts)},
          {"underruns_per_10000", phase.figures.underruns_per_10000()},
          {"server_cpu_seconds", phase.server.cpu_seconds_all},
          {"server_cpu_seconds_by_thread", std::move(threads)},
          {"server_resident_mib", phase.server.resident_mib},
          {"tool_cpu_seconds", phase.tool_cpu_seconds},
          {"other_cpu_seconds", phase.other_cpu_seconds},
          {"answers_moved_percent",
           phase.answers_moved_percent ? json::value(*phase.answers_moved_percent) : json::value(nullptr)},
          {"server_metrics_gained", std::move(metrics)},
          {"missed", json::array(missed.begin(), missed.end())}};
}

std::string latency_line(const LoadFigures& figures, Metric metric, const char* name) {
  const pipeline::LatencySnapshot& times = figures.of(metric);
  if (times.count() == 0) return {};
  return line("  %-34s n %-8llu p50 %8.2f  p95 %8.2f  p99 %8.2f  p99.9 %8.2f  max %8.2f ms\n", name,
              static_cast<unsigned long long>(times.count()), figures.ms(metric, 0.5),
              figures.ms(metric, 0.95), figures.ms(metric, 0.99), figures.ms(metric, 0.999),
              figures.ms(metric, 1));
}

std::string counts_text(const LoadFigures& figures) {
  std::string text = "  ";
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (figures.counts[i] == 0) continue;
    text += line("%s%s %llu", text.size() > 2 ? ", " : "", kCountNames[i],
                 static_cast<unsigned long long>(figures.counts[i]));
  }
  return text + "\n";
}

std::string server_text(const PhaseResult& phase) {
  std::string text = line("  server: %.1f %% of a core", 100 * phase.cpu_cores());
  if (phase.sessions() > 0) {
    text += line(", %.3f ms for each second of a session",
                 1000 * phase.cpu_cores() / static_cast<double>(phase.sessions()));
  }
  text += line(", resident %.0f MiB; tool: %.1f %%, other programs: %.1f %%\n", phase.server.resident_mib,
               100 * phase.tool_cpu_seconds / phase.seconds, phase.other_cpu_percent());
  for (const auto& [name, seconds] : phase.server.cpu_seconds) {
    if (seconds < 0.001 * phase.seconds) continue;
    text += line("    %-12s %5.1f %% of a core\n", name.c_str(), 100 * seconds / phase.seconds);
  }
  if (const auto within2 = share_within(phase.metrics, kTicks, "0.002")) {
    const auto within5 = share_within(phase.metrics, kTicks, "0.005");
    text += line("  20 ms grid of the server: %.3f %% at most 2 ms late, %.3f %% at most 5 ms\n",
                 100 * *within2, 100 * within5.value_or(0));
  }
  return text;
}

}  // namespace

std::optional<double> share_within(const ServerMetrics& gained, const std::string& histogram,
                                   const std::string& bound_seconds) {
  const auto all = gained.find(histogram + "_count");
  const auto within = gained.find(histogram + "_bucket{le=\"" + bound_seconds + "\"}");
  if (all == gained.end() || all->second <= 0 || within == gained.end()) return std::nullopt;
  return within->second / all->second;
}

Objectives without_times() {
  Objectives objectives;
  objectives.voice_to_voice_p95 = 0;
  objectives.barge_in_p99 = 0;
  objectives.underruns_per_10000 = 0;
  objectives.refused_max = 0;
  objectives.answers_moved_percent = 0;
  objectives.send_lateness_p99 = 0;
  return objectives;
}

std::vector<std::string> misses(const PhaseResult& phase, const Objectives& objectives) {
  std::vector<std::string> sentences;
  const LoadFigures& figures = phase.figures;
  check("voice to voice p95", figures.ms(Metric::kVoiceToVoice, 0.95), objectives.voice_to_voice_p95,
        &sentences);
  check("barge-in p99", figures.ms(Metric::kBargeIn, 0.99), objectives.barge_in_p99, &sentences);
  check("underruns in 10,000", figures.underruns_per_10000(), objectives.underruns_per_10000, &sentences);
  check("playout lateness p99", figures.ms(Metric::kPlayoutLateness, 0.99), objectives.playout_lateness_p99,
        &sentences);
  check("playout lateness p99.9", figures.ms(Metric::kPlayoutLateness, 0.999),
        objectives.playout_lateness_p999, &sentences);
  check("round trip p99", figures.ms(Metric::kRoundTrip, 0.99), objectives.round_trip_p99, &sentences);
  if (phase.phase.population.talking > 0 && figures.of(Metric::kVoiceToVoice).count() == 0) {
    sentences.emplace_back("no turn was answered and over: too short to say anything about answers");
  }
  check("refused, at the longest", figures.ms(Metric::kRefused, 1), objectives.refused_max, &sentences);
  check("voice to voice p99 moved by %", phase.answers_moved_percent.value_or(0),
        objectives.answers_moved_percent, &sentences);
  if (figures.of(Count::kWordsLeaked) > 0) sentences.emplace_back("words of other sessions were heard");
  if (figures.of(Count::kLost) > 0) sentences.emplace_back("the server closed connections");
  check("the tool itself was late: p99", figures.ms(Metric::kSendLateness, 0.99),
        objectives.send_lateness_p99, &sentences);
  return sentences;
}

std::vector<std::string> misses(const RunResult& run, const Objectives& objectives) {
  std::vector<std::string> sentences;
  if (run.profile == "soak") {
    check("resident memory grew by %", memory_growth_percent(run).value_or(0),
          objectives.memory_growth_percent, &sentences);
  }
  if (run.sessions_left.value_or(0) > 0) {
    sentences.push_back(line("the server still has %d sessions after the last client", *run.sessions_left));
  }
  return sentences;
}

std::optional<double> memory_growth_percent(const RunResult& run) {
  const std::size_t quarter = run.samples.size() / 4;
  if (quarter < 5) return std::nullopt;
  const auto mean = [&](std::size_t begin) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + quarter; ++i) sum += run.samples[i].resident_mib;
    return sum / static_cast<double>(quarter);
  };
  const double before = mean(quarter);
  if (before <= 0) return std::nullopt;
  return 100 * (mean(3 * quarter) - before) / before;
}

const PhaseResult* knee(const RunResult& run, const Objectives& objectives) {
  const PhaseResult* last = nullptr;
  for (const PhaseResult& phase : run.phases) {
    if (!misses(phase, objectives).empty()) break;
    last = &phase;
  }
  return last;
}

std::string text_of(const RunResult& run, const Objectives& objectives) {
  std::string text;
  for (const PhaseResult& phase : run.phases) {
    text += line("%s: %d session%s, %.0f s\n", phase.phase.name.c_str(), phase.sessions(),
                 phase.sessions() == 1 ? "" : "s", phase.seconds);
    for (std::size_t i = 0; i < kMetrics; ++i) {
      text += latency_line(phase.figures, static_cast<Metric>(i), kMetricNames[i]);
    }
    text += counts_text(phase.figures) + server_text(phase);
    if (phase.answers_moved_percent) {
      text += line("  voice to voice p99 against the first phase: %+.1f %%\n", *phase.answers_moved_percent);
    }
    for (const std::string& miss : misses(phase, objectives)) text += "  missed: " + miss + "\n";
    if (phase.other_cpu_percent() > kOtherCpuPercent) {
      text += "  caution: other programs had a part of the processors\n";
    }
  }
  if (const auto growth = memory_growth_percent(run)) {
    text += line("resident memory, last quarter against the second: %+.2f %%\n", *growth);
  }
  for (const std::string& miss : misses(run, objectives)) text += "missed: " + miss + "\n";
  if (run.profile != "ramp") return text;
  const PhaseResult* best = knee(run, objectives);
  return text + (best == nullptr ? std::string("knee: below the first step\n")
                                 : line("knee: %d sessions\n", best->sessions()));
}

std::string json_of(const RunResult& run, const Objectives& objectives) {
  json::array phases;
  for (const PhaseResult& phase : run.phases) phases.push_back(json_of(phase, objectives));
  json::array samples;
  for (const Sample& sample : run.samples) {
    samples.push_back(json::object{{"seconds", sample.seconds},
                                   {"connections", sample.connections},
                                   {"server_cpu_percent", sample.cpu_percent},
                                   {"tool_cpu_percent", sample.tool_cpu_percent},
                                   {"server_resident_mib", sample.resident_mib}});
  }
  json::object all{{"command", run.command}, {"profile", run.profile}, {"models", run.models}};
  const PhaseResult* best = knee(run, objectives);
  if (run.profile == "ramp") all["knee_sessions"] = best == nullptr ? 0 : best->sessions();
  if (const auto growth = memory_growth_percent(run)) all["memory_growth_percent"] = *growth;
  if (run.sessions_left) all["sessions_left"] = *run.sessions_left;
  const auto missed = misses(run, objectives);
  all["missed"] = json::array(missed.begin(), missed.end());
  all["phases"] = std::move(phases);
  all["samples"] = std::move(samples);
  return json::serialize(all) + "\n";
}

}  // namespace antiphon::load
