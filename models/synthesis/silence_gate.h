#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace antiphon::models::synthesis {

// Leaves out the silence before a phrase and all but a pause of the silence after it, hop by hop.
//
// A hop is silent by its energy. Before the first sound hops are dropped but for a short run-up; from
// `tail_begins` on silent hops are held back until a sound follows (a late consonant) or the phrase ends.
// Silence inside the phrase is never touched. The cut ends are faded, so they do not click.
//
// Owner: one thread at a time.
class SilenceGate {
 public:
  static constexpr int kHop = 300;             // samples: 12.5 ms
  static constexpr float kOnsetRms = 0.001f;   // a hop this loud starts the phrase
  static constexpr float kTailRms = 0.002f;    // a hop less loud than this may belong to the silence after it
  static constexpr int kRunUpHops = 1;         // kept before the first sound
  static constexpr int kOverHops = 20;         // no sound comes after this much silence in the tail: 250 ms
  static constexpr int kFadeInSamples = 72;    // 3 ms
  static constexpr int kFadeOutSamples = 240;  // 10 ms

  struct Config {
    std::int64_t first_hop = 0;    // index of the first hop that add() gets
    std::int64_t tail_begins = 0;  // index of the first hop that may be silence after the phrase
    int pause_hops = 20;           // silence kept after the phrase
  };
  explicit SilenceGate(const Config& config) : config_(config), next_(config.first_hop) {}

  // Takes the next hop; appends what can be played now.
  void add(std::span<const float, kHop> hop, std::vector<float>& out);
  // The phrase is over: appends the pause. Call once.
  void finish(std::vector<float>& out);

  // Nothing but silence can follow: finish() may be called without the rest.
  bool over() const { return started_at_ && silent_from_ && next_ - *silent_from_ >= kOverHops; }
  // The hop that became the first one given out; empty before the first sound.
  std::optional<std::int64_t> started_at() const { return started_at_; }
  // The hop where the silence after the phrase begins, as far as is known.
  std::optional<std::int64_t> silent_from() const { return silent_from_; }

 private:
  void start(std::vector<float>& out);

  Config config_;
  std::int64_t next_;
  std::optional<std::int64_t> started_at_;
  std::optional<std::int64_t> silent_from_;
  std::vector<float> held_;  // the run-up, later the silence of the tail
};

}  // namespace antiphon::models::synthesis
