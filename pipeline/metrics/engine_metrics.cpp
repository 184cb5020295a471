#include "pipeline/metrics/engine_metrics.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace antiphon::pipeline {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Upper bounds in seconds. Turns: around what a listener notices. Steps and ticks: around 15 and 2 ms.
constexpr std::array kTurnBounds = {0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6,
                                    0.7,  0.8, 1.0,  1.2, 1.5,  2.0, 3.0,  4.0, 8.0};
constexpr std::array kStepBounds = {0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01,
                                    0.015,  0.02,   0.03,   0.05,  0.1,   0.2,   0.5};

constexpr std::array<const char*, kTurnStages> kStages = {
    "decided", "transcript_final", "first_token", "first_phrase", "first_audio_made", "first_audio_sent"};
constexpr std::array<const char*, kTaskKinds> kKinds = {
    "end_of_turn", "final_transcript", "partial_transcript", "language_model", "synthesis", "background"};
constexpr std::array<const char*, kTaskEnds> kEnds = {"done", "cancelled", "late", "failed"};
constexpr std::array<const char*, kOverloadLevels> kLevels = {"none", "no_speculation", "fewer_partials",
                                                              "no_partials"};

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

class Families {
 public:
  // The metrics that follow belong to it.
  void begin(const char* name, MetricType type, const char* help) { all_.push_back({name, help, type, {}}); }
  void count(std::uint64_t value, const char* label = nullptr, const char* label_value = nullptr) {
    add(label, label_value).counter.value = static_cast<double>(value);
  }
  void gauge(std::size_t value, const char* label = nullptr, const char* label_value = nullptr) {
    add(label, label_value).gauge.value = static_cast<double>(value);
  }
  template <std::size_t kBounds>
  void histogram(const LatencySnapshot& times, const std::array<double, kBounds>& bounds,
                 const char* label = nullptr, const char* label_value = nullptr) {
    ClientMetric::Histogram& out = add(label, label_value).histogram;
    std::size_t bucket = 0;
    for (const double bound : bounds) {
      while (bucket < kLatencyBuckets && seconds(latency_bucket_end(bucket)) <= bound) {
        out.sample_count += times.buckets[bucket++];
      }
      out.bucket.push_back({out.sample_count, bound});
    }
    out.sample_count = times.count();
    out.sample_sum = seconds(times.sum);
    out.bucket.push_back({out.sample_count, std::numeric_limits<double>::infinity()});
  }

  std::vector<MetricFamily> take() { return std::move(all_); }

 private:
  ClientMetric& add(const char* label, const char* label_value) {
    ClientMetric metric;
    if (label != nullptr) metric.label.push_back({label, label_value});
    all_.back().metric.push_back(std::move(metric));
    return all_.back().metric.back();
  }

  std::vector<MetricFamily> all_;
};

void add_sessions(const EngineReport& report, Families& out) {
  out.begin("antiphon_sessions", MetricType::Gauge, "Open sessions");
  out.gauge(static_cast<std::size_t>(report.sessions));
  out.begin("antiphon_seats", MetricType::Gauge, "Sessions that may be open at once");
  out.gauge(static_cast<std::size_t>(report.seats));
  out.begin("antiphon_engine_sessions_refused_total", MetricType::Counter,
            "Sessions refused for want of a seat");
  out.count(report.sessions_refused);
}

void add_turns(const TurnReport& turns, Families& out) {
  out.begin("antiphon_turn_stage_seconds", MetricType::Histogram,
            "From the last voice of a turn to each stage of its reply");
  for (std::size_t stage = 0; stage < kTurnStages; ++stage) {
    out.histogram(turns.since_speech_end[stage], kTurnBounds, "stage", kStages[stage]);
  }
  out.begin("antiphon_turn_reply_seconds", MetricType::Histogram,
            "From the decision that a turn is over to the first sound sent");
  out.histogram(turns.reply, kTurnBounds);
  out.begin("antiphon_turns_total", MetricType::Counter,
            "Answered turns; speculation=paid: the reply was begun before the turn was decided");
  out.count(turns.turns_speculated, "speculation", "paid");
  out.count(turns.turns - turns.turns_speculated, "speculation", "none");
  out.begin("antiphon_speculations_dropped_total", MetricType::Counter,
            "Replies that were begun at a pause and not wanted");
  out.count(turns.speculations_dropped);
}

void add_queues(const EngineReport& report, Families& out) {
  const std::array<std::pair<const char*, QueueReport>, 5> queues = {{
      {"client_events",
       {static_cast<int>(report.media.mail_waiting), static_cast<int>(report.media.mail_max), 0}},
      {"lane_results",
       {static_cast<int>(report.media.results_waiting), static_cast<int>(report.media.results_max), 0}},
      {"voice_windows", report.voice_windows},
      {"compute_tasks", report.compute_tasks},
      {"language_model_requests", report.language_model_requests},
  }};
  out.begin("antiphon_queue_waiting", MetricType::Gauge, "Entries of a queue now");
  for (const auto& [name, queue] : queues) out.gauge(static_cast<std::size_t>(queue.waiting), "queue", name);
  out.begin("antiphon_queue_limit", MetricType::Gauge, "Entries that a queue has room for");
  for (const auto& [name, queue] : queues) out.gauge(static_cast<std::size_t>(queue.capacity), "queue", name);
  out.begin("antiphon_queue_refused_total", MetricType::Counter, "Entries that a queue had no room for");
  for (const auto& [name, queue] : queues) out.count(queue.refused, "queue", name);
  out.begin("antiphon_events_lost_total", MetricType::Counter, "Events to clients that read too slowly");
  out.count(report.media.events_refused);
}

void add_frames(const EngineReport& report, Families& out) {
  out.begin("antiphon_tick_lateness_seconds", MetricType::Histogram,
            "How late the media worker ran the 20 ms ticks");
  out.histogram(report.tick_lateness, kStepBounds);
  out.begin("antiphon_ticks_skipped_total", MetricType::Counter,
            "Ticks that were left out after a long stall");
  out.count(report.media.ticks_skipped);
  out.begin("antiphon_voice_activity_pass_seconds", MetricType::Histogram,
            "A pass of the voice activity network over all sessions' windows");
  out.histogram(report.voice_activity_batch, kStepBounds);
}

void add_lanes(const ComputeExecutor::Report& compute, Families& out) {
  out.begin("antiphon_step_seconds", MetricType::Histogram, "Steps on the compute lanes");
  for (std::size_t kind = 0; kind < kTaskKinds; ++kind) {
    out.histogram(compute.kinds[kind].step_time, kStepBounds, "kind", kKinds[kind]);
  }
  out.begin("antiphon_steps_late_total", MetricType::Counter, "Steps that began after their deadline");
  for (std::size_t kind = 0; kind < kTaskKinds; ++kind) {
    out.count(compute.kinds[kind].lateness.count(), "kind", kKinds[kind]);
  }
  out.begin("antiphon_tasks_total", MetricType::Counter, "Tasks of the compute lanes by how they ended");
  for (std::size_t end = 0; end < kTaskEnds; ++end) out.count(compute.ends[end], "end", kEnds[end]);
  out.begin("antiphon_overload_reached_total", MetricType::Counter,
            "Times that an overload level was entered");
  for (std::size_t level = 1; level < kOverloadLevels; ++level) {
    out.count(compute.overload_reached[level], "level", kLevels[level]);
  }
}

void add_language_model(const LanguageModelBatcher::Counts& counts, Families& out) {
  out.begin("antiphon_language_model_passes_total", MetricType::Counter,
            "Passes over the language model's weights");
  out.count(counts.passes - counts.passes_dropped, "end", "done");
  out.count(counts.passes_dropped, "end", "dropped");
  out.begin("antiphon_language_model_rows_total", MetricType::Counter, "Tokens that passes appended");
  out.count(counts.rows_decoded, "kind", "decode");
  out.count(counts.rows_prefilled, "kind", "prefill");
  out.begin("antiphon_language_model_tokens_late_total", MetricType::Counter,
            "Tokens picked after they were due");
  out.count(counts.tokens_late);
}

}  // namespace

std::vector<MetricFamily> engine_metrics(const EngineReport& report) {
  Families out;
  add_sessions(report, out);
  add_turns(report.turns, out);
  add_queues(report, out);
  add_frames(report, out);
  if (report.compute) add_lanes(*report.compute, out);
  add_language_model(report.language_model, out);
  return out.take();
}

std::vector<MetricFamily> EngineRegistry::Collect() const {
  std::vector<MetricFamily> all = Registry::Collect();
  std::vector<MetricFamily> of_engine = engine_metrics(engine_->report());
  all.insert(all.end(), std::make_move_iterator(of_engine.begin()), std::make_move_iterator(of_engine.end()));
  return all;
}

}  // namespace antiphon::pipeline
