#include <array>
#include <cstdio>
#include <utility>

#include "tests/load/plot.h"
#include "tests/load/run_result.h"

namespace antiphon::load {
namespace {

constexpr const char* kStyle = R"(<style>
:root { color-scheme: light dark; --line: #d4d4d8; --muted: #71717a; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1200px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
code { overflow-wrap: anywhere; } .missed { color: #d1495b; } .kept { color: #3a7d44; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 1rem; }
.scroll { overflow-x: auto; }
svg { width: 100%; font-size: 11px; } svg text { fill: currentColor; }
.title { font-size: 13px; font-weight: 600; }
.grid { stroke: var(--line); }
</style>)";

std::string number(double value, int digits = 2) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::string cell(const std::string& text) {
  return "<td>" + text + "</td>";
}

std::string percentiles_table(const PhaseResult& phase) {
  std::string html =
      "<table><tr><th>milliseconds</th><th>n</th><th>p50</th><th>p95</th><th>p99</th>"
      "<th>p99.9</th><th>max</th></tr>";
  for (std::size_t i = 0; i < kMetrics; ++i) {
    const auto metric = static_cast<Metric>(i);
    if (phase.figures.of(metric).count() == 0) continue;
    html += "<tr>" + cell(kMetricNames[i]) + cell(std::to_string(phase.figures.of(metric).count()));
    for (const double part : {0.5, 0.95, 0.99, 0.999, 1.0})
      html += cell(number(phase.figures.ms(metric, part)));
    html += "</tr>";
  }
  return html + "</table>";
}

std::string counts_table(const PhaseResult& phase) {
  std::string html = "<table><tr><th>count</th><th></th></tr>";
  for (std::size_t i = 0; i < kCounts; ++i) {
    if (phase.figures.counts[i] == 0) continue;
    html += "<tr>" + cell(kCountNames[i]) + cell(std::to_string(phase.figures.counts[i])) + "</tr>";
  }
  return html + "</table>";
}

std::string cpu_table(const PhaseResult& phase) {
  std::string html =
      "<table><tr><th>server thread</th><th>% of a core</th><th>ms per session-second</th></tr>";
  const double sessions = std::max(1, phase.sessions());
  const auto row = [&](const std::string& name, double seconds) {
    const double cores = phase.seconds > 0 ? seconds / phase.seconds : 0;
    return "<tr>" + cell(escaped(name)) + cell(number(100 * cores, 1)) +
           cell(number(1000 * cores / sessions, 3)) + "</tr>";
  };
  for (const auto& [name, seconds] : phase.server.cpu_seconds) {
    if (seconds >= 0.001 * phase.seconds) html += row(name, seconds);
  }
  return html + row("all", phase.server.cpu_seconds_all) + "</table>";
}

std::string list_of(const std::vector<std::string>& missed) {
  std::string html = "<ul class='missed'>";
  for (const std::string& miss : missed) html += "<li>" + escaped(miss) + "</li>";
  return html + "</ul>";
}

std::string verdict(const PhaseResult& phase, const Objectives& objectives) {
  const auto missed = misses(phase, objectives);
  std::string html = missed.empty() ? "<p class='kept'>Every objective is met.</p>" : list_of(missed);
  if (phase.answers_moved_percent) {
    html += "<p>Voice to voice p99 against the first phase: " + number(*phase.answers_moved_percent, 1) +
            " %.</p>";
  }
  if (phase.other_cpu_percent() > kOtherCpuPercent) {
    html += "<p class='missed'>Other programs used " + number(phase.other_cpu_percent(), 0) +
            " % of a core meanwhile: the figures are theirs too.</p>";
  }
  return html;
}

// The part of a phase's values that is later than x, on a logarithmic axis.
PlotLine exceedance(const LoadFigures& figures, Metric metric, const std::string& name) {
  PlotLine line{name, {}};
  const pipeline::LatencySnapshot& times = figures.of(metric);
  const auto total = static_cast<double>(times.count());
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket < pipeline::kLatencyBuckets && total > 0; ++bucket) {
    if (times.buckets[bucket] == 0) continue;
    below += times.buckets[bucket];
    const double beyond = 100 * (total - static_cast<double>(below)) / total;
    const double at = std::chrono::duration<double, std::milli>(pipeline::latency_bucket_end(bucket)).count();
    if (beyond >= 0.01) line.points.emplace_back(at, beyond);
  }
  return line;
}

// Where the milliseconds between the end of speech and the first sound go.
std::string waterfall(const PhaseResult& phase) {
  constexpr std::array<std::pair<Metric, const char*>, 4> kStages = {
      {{Metric::kCommitted, "turn committed"},
       {Metric::kReplyCreated, "reply created"},
       {Metric::kFirstDelta, "first audio"},
       {Metric::kVoiceToVoice, "first audible sample"}}};
  const double all = phase.figures.ms(Metric::kVoiceToVoice, 0.5);
  if (all <= 0) return {};
  std::string svg = "<svg viewBox='0 0 560 120'><text class='title' x='0' y='14'>" +
                    escaped(phase.phase.name) + ": median stages after the end of speech</text>";
  double before = 0;
  double y = 26;
  for (const auto& [metric, name] : kStages) {
    const double at = phase.figures.ms(metric, 0.5);
    const double x = 150 + 320 * before / all;
    svg += "<text x='0' y='" + number(y + 11) + "'>" + name + "</text><rect x='" + number(x) + "' y='" +
           number(y) + "' height='14' width='" + number(std::max(1.0, 320 * (at - before) / all)) +
           "' fill='#1b6ca8'/><text x='" + number(155 + 320 * at / all) + "' y='" + number(y + 11) + "'>" +
           number(at, 0) + " ms</text>";
    before = at;
    y += 22;
  }
  return svg + "</svg>";
}

std::string plots_over_sessions(const RunResult& run) {
  std::vector<PlotLine> answers = {
      {"voice to voice p50", {}}, {"p95", {}}, {"p99", {}}, {"barge-in p99", {}}};
  std::vector<PlotLine> frames = {
      {"playout p99", {}}, {"playout p99.9", {}}, {"round trip p99", {}}, {"tool's own p99", {}}};
  PlotLine cpu{"server", {}};
  for (const PhaseResult& phase : run.phases) {
    const double x = phase.sessions();
    const auto add = [&](PlotLine& line, Metric metric, double part) {
      if (phase.figures.of(metric).count() > 0) line.points.emplace_back(x, phase.figures.ms(metric, part));
    };
    add(answers[0], Metric::kVoiceToVoice, 0.5);
    add(answers[1], Metric::kVoiceToVoice, 0.95);
    add(answers[2], Metric::kVoiceToVoice, 0.99);
    add(answers[3], Metric::kBargeIn, 0.99);
    add(frames[0], Metric::kPlayoutLateness, 0.99);
    add(frames[1], Metric::kPlayoutLateness, 0.999);
    add(frames[2], Metric::kRoundTrip, 0.99);
    add(frames[3], Metric::kSendLateness, 0.99);
    cpu.points.emplace_back(x, 100 * phase.cpu_cores());
  }
  return plot("Answers against sessions", "sessions", "ms", answers) +
         plot("Frames against sessions", "sessions", "ms (log)", frames, true) +
         plot("Server CPU against sessions", "sessions", "% of a core", {cpu});
}

std::string plots_over_time(const RunResult& run) {
  PlotLine cpu{"server", {}};
  PlotLine tool{"tool", {}};
  PlotLine memory{"resident", {}};
  PlotLine connections{"connections", {}};
  for (const Sample& sample : run.samples) {
    cpu.points.emplace_back(sample.seconds, sample.cpu_percent);
    tool.points.emplace_back(sample.seconds, sample.tool_cpu_percent);
    memory.points.emplace_back(sample.seconds, sample.resident_mib);
    connections.points.emplace_back(sample.seconds, sample.connections);
  }
  return plot("CPU", "seconds", "% of a core", {cpu, tool}) +
         plot("Memory of the server", "seconds", "MiB", {memory}) +
         plot("Connections", "seconds", "", {connections});
}

std::string phase_section(const PhaseResult& phase, const Objectives& objectives) {
  return "<h2>" + escaped(phase.phase.name) + ": " + std::to_string(phase.sessions()) +
         (phase.sessions() == 1 ? " session, " : " sessions, ") + number(phase.seconds, 0) + " s</h2>" +
         verdict(phase, objectives) + "<div class='scroll'>" + percentiles_table(phase) +
         "</div><div class='plots'><div>" + counts_table(phase) + "</div><div>" + cpu_table(phase) +
         "</div>" + waterfall(phase) +
         plot("Later than", "ms", "% (log)",
              {exceedance(phase.figures, Metric::kPlayoutLateness, "playout"),
               exceedance(phase.figures, Metric::kRoundTrip, "round trip"),
               exceedance(phase.figures, Metric::kSendLateness, "tool's own")},
              true) +
         "</div>";
}

}  // namespace

std::string html_of(const RunResult& run, const Objectives& objectives) {
  std::string html =
      "<!doctype html><html lang='en'><meta charset='utf-8'>"
      "<meta name='viewport' content='width=device-width'><title>antiphon-load</title>" +
      std::string(kStyle) + "<h1>antiphon-load: " + escaped(run.profile) + "</h1><p><code>" +
      escaped(run.command) + "</code></p>";
  if (run.models == "fake")
    html += "<p class='missed'>Fake models: the cost of the server itself, no networks.</p>";
  if (run.profile == "ramp") {
    const PhaseResult* best = knee(run, objectives);
    html += "<p>Knee: <b>" + std::to_string(best == nullptr ? 0 : best->sessions()) +
            "</b> sessions, the most at which every objective was met.</p>";
  }
  if (const auto missed = misses(run, objectives); !missed.empty()) html += list_of(missed);
  if (const auto growth = memory_growth_percent(run)) {
    html += "<p>Resident memory of the server, the last quarter against the second: " + number(*growth) +
            " %.</p>";
  }
  html += "<div class='plots'>";
  if (run.phases.size() > 2) html += plots_over_sessions(run);
  html += plots_over_time(run) + "</div>";
  for (const PhaseResult& phase : run.phases) html += phase_section(phase, objectives);
  return html + "</html>\n";
}

}  // namespace antiphon::load
