#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/session/turn_trace.h"

namespace antiphon::pipeline {

enum class TurnStage : std::uint8_t {
  kDecided,
  kTranscriptFinal,
  kFirstToken,
  kFirstPhrase,
  kFirstAudioMade,
  kFirstAudioSent,
};
inline constexpr std::size_t kTurnStages = 6;

// How long after the last voice the stages of all answered turns were reached.
struct TurnReport {
  std::array<LatencySnapshot, kTurnStages> since_speech_end;  // by TurnStage
  LatencySnapshot reply;                                      // decision to the first sound sent
  std::uint64_t turns = 0;
  std::uint64_t turns_speculated = 0;      // the reply was begun before the decision
  std::uint64_t speculations_dropped = 0;  // begun, and not wanted
};

// Keeps the times of turns, and writes one debug line for each.
//
// Owner: on_...(): one media worker; report(): any thread.
class TurnLog final : public TurnObserver {
 public:
  // `next`: hears of each turn afterwards; may be null, and outlives it.
  explicit TurnLog(TurnObserver* next) : next_(next) {}

  void on_turn(const TurnTrace& trace) noexcept override;
  void on_speculation_dropped() noexcept override;
  TurnReport report() const;

 private:
  TurnObserver* const next_;
  std::array<LatencyHistogram, kTurnStages> since_speech_end_;
  LatencyHistogram reply_;
  std::atomic<std::uint64_t> turns_ = 0;
  std::atomic<std::uint64_t> turns_speculated_ = 0;
  std::atomic<std::uint64_t> speculations_dropped_ = 0;
};

}  // namespace antiphon::pipeline
