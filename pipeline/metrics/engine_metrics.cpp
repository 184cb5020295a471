#include "pipeline/metrics/engine_metrics.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/metrics/families.h"

namespace antiphon::pipeline {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<const char*, kTurnStages> kStages = {
    "decided", "transcript_final", "first_token", "first_phrase", "first_audio_made", "first_audio_sent"};
constexpr std::array<const char*, kTaskKinds> kKinds = {
    "end_of_turn", "final_transcript", "partial_transcript", "language_model", "synthesis", "background"};
constexpr std::array<const char*, kTaskEnds> kEnds = {"done", "cancelled", "late", "failed"};
constexpr std::array<const char*, kOverloadLevels> kLevels = {"none", "no_speculation", "fewer_partials",
                                                              "no_partials"};

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
  out.count(counts.rows_copied, "kind", "copy");
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
  const auto add = [&all](std::vector<MetricFamily> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(engine_metrics(engine_->report()));
  if (memory_ != nullptr) add(memory_metrics(memory_->report()));
  return all;
}

}  // namespace antiphon::pipeline
