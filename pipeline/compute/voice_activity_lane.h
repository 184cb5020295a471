#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "models/slot.h"
#include "models/voice_activity_detector.h"
#include "pipeline/runtime/doorbell.h"
#include "pipeline/runtime/ids.h"
#include "pipeline/runtime/latency_histogram.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/thread_role.h"
#include "pipeline/runtime/time.h"

namespace antiphon::pipeline {

struct VoiceActivityResult {
  SessionId session{};
  std::int64_t window = 0;  // as given with the window
  float probability = 0;    // of speech
};

// A session's inbox, seen from the realtime lane.
class VoiceActivitySink {
 public:
  virtual ~VoiceActivitySink() = default;
  // Never blocks, locks or allocates: one result for each accepted window.
  virtual void deliver(const VoiceActivityResult& result) noexcept = 0;
};

// 32 ms of one session's audio.
struct VoiceActivityWindow {
  SessionId session{};
  models::Slot slot{};
  bool first = false;  // the slot is reset before it: a new session, or a gap in the audio
  std::int64_t window = 0;
  std::array<float, models::VoiceActivityDetector::kWindowSamples> samples;  // 16 kHz mono, [-1, 1]
  VoiceActivitySink* sink = nullptr;                                         // outlives the result
};

// Gathers windows into passes of the voice activity network, each slot at most once in a pass and in its
// order.
//
// Owner:  one thread (the realtime lane, or a simulation).
// Memory: all work space is allocated by the constructor.
class VoiceActivityBatch {
 public:
  // `detector` outlives it.
  explicit VoiceActivityBatch(models::VoiceActivityDetector* detector);

  // False: the slot is in the batch already; run() first.
  [[nodiscard]] bool add(const VoiceActivityWindow& window);
  // One pass over what was added, then delivers every result. Nothing to do if it is empty.
  void run();
  int size() const { return size_; }

 private:
  models::VoiceActivityDetector* const detector_;
  std::vector<VoiceActivityWindow> windows_;  // [slots]
  std::vector<float> probabilities_;          // [slots]
  std::vector<bool> in_batch_;                // by slot
  std::vector<models::VoiceActivityDetector::Window> rows_;
  int size_ = 0;
};

// The windows of all sessions on their way through the voice activity network. It has no thread and reads no
// clock: a VoiceActivityLane drives it, or a simulation in virtual time.
//
// Owner:    submit(): any thread; never locks. run_batch(): one thread.
// Overload: submit() refuses beyond windows_max waiting windows; refusals are counted.
// Lifetime: the detector outlives it.
class VoiceActivityQueue {
 public:
  struct Config {
    int windows_max = 64;    // at least two for each session
    int submitters_max = 8;  // threads that call submit()
  };

  VoiceActivityQueue(models::VoiceActivityDetector* detector, const Config& config);

  // False: refused.
  [[nodiscard]] bool submit(const VoiceActivityWindow& window);
  // Rung for each window.
  Doorbell& bell() { return bell_; }

  // One pass over what has come, each slot at most once. False: nothing had.
  bool run_batch();

  std::size_t waiting() const { return windows_.size(); }
  std::size_t windows_max() const { return windows_.capacity(); }
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  std::uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }

 private:
  MpscQueue<VoiceActivityWindow> windows_;
  Doorbell bell_;
  std::atomic<std::uint64_t> refused_ = 0;
  std::atomic<std::uint64_t> batches_ = 0;
  // Only the thread that runs it.
  VoiceActivityBatch batch_;
  VoiceActivityWindow next_;
  bool next_waits_ = false;  // next_ did not fit the last batch
};

// The realtime lane: the thread that runs a VoiceActivityQueue.
//
// Owner:    the engine. The destructor: when nobody submits any more; what was accepted is run before.
// Lifetime: the queue outlives it.
class VoiceActivityLane {
 public:
  explicit VoiceActivityLane(VoiceActivityQueue* queue);
  ~VoiceActivityLane();

  LatencySnapshot batch_time() const { return batch_time_.snapshot(); }
  // What the system refused to the thread, one sentence, or empty. Call once.
  std::string shortfall() { return thread_.status().shortfall; }

 private:
  void loop();

  VoiceActivityQueue* const queue_;
  std::atomic<bool> stopping_ = false;
  LatencyHistogram batch_time_;
  RoleThread thread_;  // last: it uses all of the above
};

}  // namespace antiphon::pipeline
