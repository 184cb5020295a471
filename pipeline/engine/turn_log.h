#pragma once

#include <atomic>
#include <cstdint>

#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/session/turn_trace.h"

namespace antiphon::pipeline {

// How long the stages of all answered turns took; of a turn that was speculated on, what was ready before the
// decision counts as zero.
struct TurnReport {
  LatencySnapshot decision;        // last voice to the decision
  LatencySnapshot words;           // decision to the final words
  LatencySnapshot first_token;     // final words to the first token
  LatencySnapshot first_phrase;    // first token to the first phrase
  LatencySnapshot first_sound;     // first phrase to the first sound made
  LatencySnapshot reply;           // decision to the first sound sent
  LatencySnapshot voice_to_voice;  // last voice to the first sound sent
  std::uint64_t turns = 0;
  std::uint64_t turns_speculated = 0;  // the reply was begun before the decision
};

// Keeps the times of turns, and writes one debug line for each.
//
// Owner: on_turn(): one media worker; report(): any thread.
class TurnLog final : public TurnObserver {
 public:
  // `next`: hears of each turn afterwards; may be null, and outlives it.
  explicit TurnLog(TurnObserver* next) : next_(next) {}

  void on_turn(const TurnTrace& trace) noexcept override;
  TurnReport report() const;

 private:
  TurnObserver* const next_;
  LatencyHistogram decision_, words_, first_token_, first_phrase_, first_sound_, reply_, voice_to_voice_;
  std::atomic<std::uint64_t> turns_ = 0;
  std::atomic<std::uint64_t> turns_speculated_ = 0;
};

}  // namespace antiphon::pipeline
