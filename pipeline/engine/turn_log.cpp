#include "pipeline/engine/turn_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

namespace antiphon::pipeline {
namespace {

std::int64_t ms_between(const std::optional<Time>& from, const std::optional<Time>& to) {
  if (!from || !to) return -1;
  return std::chrono::duration_cast<std::chrono::milliseconds>(*to - *from).count();
}

void record(LatencyHistogram& histogram, const std::optional<Time>& from, const std::optional<Time>& to) {
  if (from && to) histogram.record(std::max(*to - *from, Duration::zero()));
}

}  // namespace

void TurnLog::on_turn(const TurnTrace& trace) noexcept {
  const std::array<const std::optional<Time>*, kTurnStages> stages = {
      &trace.decided,      &trace.transcript_final, &trace.first_token,
      &trace.first_phrase, &trace.first_audio_made, &trace.first_audio_sent};
  for (std::size_t stage = 0; stage < kTurnStages; ++stage) {
    record(since_speech_end_[stage], trace.speech_end, *stages[stage]);
  }
  record(reply_, trace.decided, trace.first_audio_sent);
  turns_.fetch_add(1, std::memory_order_relaxed);
  if (trace.speculated) turns_speculated_.fetch_add(1, std::memory_order_relaxed);
  spdlog::debug(
      "turn: session={} generation={} speculated={} ms after the last voice: decided={} words={} "
      "first_token={} first_phrase={} first_sound_made={} first_sound_sent={}",
      static_cast<std::uint64_t>(trace.session), static_cast<std::uint64_t>(trace.generation),
      trace.speculated, ms_between(trace.speech_end, trace.decided),
      ms_between(trace.speech_end, trace.transcript_final), ms_between(trace.speech_end, trace.first_token),
      ms_between(trace.speech_end, trace.first_phrase), ms_between(trace.speech_end, trace.first_audio_made),
      ms_between(trace.speech_end, trace.first_audio_sent));
  if (next_ != nullptr) next_->on_turn(trace);
}

void TurnLog::on_speculation_dropped() noexcept {
  speculations_dropped_.fetch_add(1, std::memory_order_relaxed);
}

TurnReport TurnLog::report() const {
  TurnReport report;
  for (std::size_t stage = 0; stage < kTurnStages; ++stage) {
    report.since_speech_end[stage] = since_speech_end_[stage].snapshot();
  }
  report.reply = reply_.snapshot();
  report.turns = turns_.load(std::memory_order_relaxed);
  report.turns_speculated = turns_speculated_.load(std::memory_order_relaxed);
  report.speculations_dropped = speculations_dropped_.load(std::memory_order_relaxed);
  return report;
}

}  // namespace antiphon::pipeline
