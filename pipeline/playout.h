#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audio/frame.h"
#include "audio/playout_buffer.h"

namespace antiphon::pipeline {

// Hands out one response's audio at its natural pace: never further ahead of what the listener can have heard
// than lead_max, so that an interruption has little to take back, and done only when the last frame has had
// the time to be heard.
//
//   begin -> push* -> end, tick every 20 ms until it says done      an undisturbed response
//   begin -> push* -> interrupt                                     an interrupted one: no tick says more
//
// The listener is taken to play each frame at once, or when the one before it is over; network delay is not
// known here. Whoever wants to hold audio back (speculation) pushes and does not tick yet: the pace begins
// with the first frame that is handed out.
//
// Owner:    one session; not thread-safe.
// Time:     never reads a clock; `now` must not go backwards between two begin().
// Memory:   the buffer and a few frames, in the constructor; nothing else allocates.
// Overload: push() takes what fits (backpressure); a tick hands out at most frames_per_tick_max.
// Grid:     once the lead is built up each tick hands out one frame, wherever between two ticks the response
//           began and though ticks jitter: who waits for a frame waits 20 ms.
class Playout {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // A tick comes a little late or early against the one that began the response. Without some room the last
  // frame of the lead would wait for the next tick whenever its own one is a microsecond earlier than that.
  static constexpr std::chrono::milliseconds kTickJitter{5};
  // Above lead_max, for the one frame of a tick that keeps the lead that there is. With the same limit for
  // all, some leads would be below it now and above it at the next tick, a little later or earlier.
  static constexpr std::chrono::milliseconds kSteadyRoom = audio::kFrameDuration + kTickJitter;

  struct Config {
    // >= 2 frames, kSteadyRoom more may be ahead; more survives longer stalls, costs at barge-in
    std::chrono::milliseconds lead_max{200};
    int frames_per_tick_max = 4;             // >= 1; how fast the lead is built up
    std::chrono::milliseconds buffer{2000};  // >= 1 frame; 96 bytes a millisecond
  };

  struct Tick {
    std::span<const audio::RenderFrame> frames;  // to be sent now; valid until the next call
    bool ran_dry = false;  // the listener has run out of sound since the last tick, and more is to come
    bool done = false;     // said once: everything was handed out and has been heard
  };

  // What a response came to. Samples at 24 kHz, from its first.
  struct Interruption {
    // One frame that fades to silence, or nothing if nothing was waiting. It may lead by one frame more than
    // lead_max. Send it before the listener is told, or drop it: then the sound stops with the last frame.
    std::span<const audio::RenderFrame> frames;  // valid until the next call
    std::int64_t samples_handed_out = 0;         // the faded ones too
    std::int64_t samples_heard = 0;              // <= samples_handed_out
    std::chrono::milliseconds audio_end{0};      // samples_heard, rounded down
  };

  // REQUIRES: the limits that Config names.
  explicit Playout(const Config& config);

  // Begins the next response; forgets the last one. Before the first begin() the playout is idle.
  void begin();

  // Returns how many samples were taken from the front; none while idle, after end() or interrupt().
  [[nodiscard]] std::size_t push(std::span<const float> samples);
  void end();  // no more samples come

  [[nodiscard]] Tick tick(Time now);
  // Something has come between two ticks: as tick(), but only what a listener would be without before long.
  [[nodiscard]] Tick between_ticks(Time now);

  // Ends the response, at any time. When it is over already, says so with all of it heard.
  Interruption interrupt(Time now);

  bool active() const { return active_; }  // from begin() to done or interrupt()
  std::int64_t samples_handed_out() const { return buffer_.samples_played(); }
  std::int64_t samples_heard(Time now) const;
  std::size_t room_samples() const { return buffer_.room_samples(); }
  // How long the listener still has sound: what was handed out and not heard. Zero when it has run out.
  Time::duration lead(Time now) const;
  // When the listener runs out unless more comes, what waits in the buffer counted: the deadline of the next
  // chunk. Empty before the first frame.
  std::optional<Time> dry_at() const;
  int underruns() const { return underruns_; }  // of this response: times that ran_dry was said

 private:
  Tick hand_out(std::chrono::milliseconds lead_for_one, std::chrono::milliseconds lead_for_more, Time now);
  void hand_out_frame(Time now);

  Config config_;
  audio::PlayoutBuffer buffer_;
  std::vector<audio::RenderFrame> frames_;  // of the last call
  std::size_t frame_count_ = 0;             // of frames_
  std::optional<Time> heard_all_at_;        // when all that was handed out has been heard
  std::int64_t frames_handed_out_ = 0;
  bool active_ = false;
  bool built_up_ = false;  // the lead: a frame for each tick, until it has become two frames too short
  bool dry_ = false;
  int underruns_ = 0;
};

}  // namespace antiphon::pipeline
