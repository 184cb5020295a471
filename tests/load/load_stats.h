// What the sessions of one thread lived through in one phase of a run.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pipeline/runtime/latency_histogram.h"

namespace antiphon::load {

using Time = pipeline::Time;
using Duration = pipeline::Duration;

enum class Metric : std::uint8_t {
  kSendLateness,     // of the tool itself: when a frame went to its socket, after it was due
  kRoundTrip,        // from when an event was due to the server's answer, behind the audio of that moment
  kAdmitted,         // from the connect to session.created
  kRefused,          // from the connect to the error
  kSpeechStarted,    // from the onset of speech to the event
  kCommitted,        // from the end of speech to the event, as the next four
  kReplyCreated,     //
  kFirstDelta,       // of audio
  kVoiceToVoice,     // first audible sample, of the turns that were not cut off
  kBargeIn,          // from the onset of speech to the last audio of the reply that it interrupts
  kPlayoutLateness,  // of a delta, against the best pace of its reply so far
};
inline constexpr std::size_t kMetrics = 11;

enum class Count : std::uint8_t {
  kFramesSent,
  kMessagesReceived,
  kAudioDeltas,
  kUnderruns,  // a client that plays at once ran out of sound in the middle of a reply
  kTurns,
  kCutOff,  // turns that the server ended while the user still spoke
  kUnanswered,
  kInterrupted,   // turns that interrupted a reply
  kWordsOwn,      // keywords of the session that its transcripts hold
  kWordsMissing,  // and those that they should
  kWordsLeaked,   // keywords of other sessions
  kErrors,        // events, without the refusals
  kAdmitted,
  kRefused,
  kNotConnected,    // no session.created and no refusal
  kLeft,            // by the tool's wish
  kLeftAbruptly,    // by a reset of the socket
  kClosedByPolicy,  // 1008: the server did not wait for a slow reader
  kLost,            // closed by the server for another reason
};
inline constexpr std::size_t kCounts = 19;

// As JSON and the report name them.
inline constexpr std::array<const char*, kMetrics> kMetricNames = {
    "send_lateness", "round_trip",  "admitted",       "refused",  "speech_started",  "committed",
    "reply_created", "first_delta", "voice_to_voice", "barge_in", "playout_lateness"};
inline constexpr std::array<const char*, kCounts> kCountNames = {
    "frames_sent", "messages_received", "audio_deltas",  "underruns",     "turns",         "cut_off",
    "unanswered",  "interrupted",       "words_own",     "words_missing", "words_leaked",  "errors",
    "admitted",    "refused",           "not_connected", "left",          "left_abruptly", "closed_by_policy",
    "lost"};

// A copy, of one thread or several together.
struct LoadFigures {
  std::array<pipeline::LatencySnapshot, kMetrics> metrics;
  std::array<std::uint64_t, kCounts> counts{};

  const pipeline::LatencySnapshot& of(Metric metric) const {
    return metrics[static_cast<std::size_t>(metric)];
  }
  std::uint64_t of(Count count) const { return counts[static_cast<std::size_t>(count)]; }
  double ms(Metric metric, double part) const {
    return std::chrono::duration<double, std::milli>(of(metric).quantile(part)).count();
  }
  double underruns_per_10000() const {
    const auto deltas = static_cast<double>(of(Count::kAudioDeltas));
    return deltas > 0 ? 1e4 * static_cast<double>(of(Count::kUnderruns)) / deltas : 0;
  }
};

// Owner: record() and add(): one thread; add_to(): any.
class LoadStats {
 public:
  void record(Metric metric, Duration latency) noexcept {
    metrics_[static_cast<std::size_t>(metric)].record(latency);
  }
  void add(Count count, std::uint64_t more = 1) noexcept {
    counts_[static_cast<std::size_t>(count)].fetch_add(more, std::memory_order_relaxed);
  }
  void add_to(LoadFigures* sum) const {
    for (std::size_t i = 0; i < kMetrics; ++i) sum->metrics[i].merge(metrics_[i].snapshot());
    for (std::size_t i = 0; i < kCounts; ++i) sum->counts[i] += counts_[i].load(std::memory_order_relaxed);
  }

 private:
  std::array<pipeline::LatencyHistogram, kMetrics> metrics_;
  std::array<std::atomic<std::uint64_t>, kCounts> counts_{};
};

}  // namespace antiphon::load
