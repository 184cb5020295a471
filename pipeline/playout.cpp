#include "pipeline/playout.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kUrgentLead{60};  // a tick of its own comes within 20 ms

// Rounded up: a sample that is partly still to come has not been heard.
std::int64_t samples_in(nanoseconds duration) {
  constexpr std::int64_t kSecond = nanoseconds(std::chrono::seconds(1)).count();
  return (duration.count() * audio::kRenderRateHz + kSecond - 1) / kSecond;
}

}  // namespace

Playout::Playout(const Config& config)
    : config_(config),
      buffer_(config.buffer),
      frames_(static_cast<std::size_t>(std::max(config.frames_per_tick_max, 1))) {
  assert(config.lead_max >= 2 * audio::kFrameDuration);
  assert(config.frames_per_tick_max >= 1);
}

void Playout::begin() {
  buffer_.reset();
  frame_count_ = 0;
  heard_all_at_.reset();
  frames_handed_out_ = 0;
  active_ = true;
  built_up_ = false;
  dry_ = false;
  underruns_ = 0;
}

std::size_t Playout::push(std::span<const float> samples) {
  return active_ ? buffer_.push(samples) : 0;
}

void Playout::end() {
  buffer_.end();
}

Playout::Tick Playout::tick(Time now) {
  const milliseconds whole = config_.lead_max + kTickJitter;
  if (lead(now) <= config_.lead_max - 2 * audio::kFrameDuration) built_up_ = false;
  const Tick tick = hand_out(config_.lead_max + kSteadyRoom, built_up_ ? milliseconds(0) : whole, now);
  built_up_ = built_up_ || lead(now) + audio::kFrameDuration > whole;
  return tick;
}

Playout::Tick Playout::between_ticks(Time now) {
  const milliseconds lead = std::min(kUrgentLead, config_.lead_max);
  return hand_out(lead, lead, now);
}

// The first frame may lead by `lead_for_one`, the others by `lead_for_more`.
Playout::Tick Playout::hand_out(milliseconds lead_for_one, milliseconds lead_for_more, Time now) {
  frame_count_ = 0;
  Tick tick;
  if (!active_) return tick;
  if (heard_all_at_ && *heard_all_at_ < now && !buffer_.ended() && !dry_) {
    tick.ran_dry = true;
    dry_ = true;
    ++underruns_;
  }
  while (frame_count_ < frames_.size() && buffer_.has_frame() &&
         lead(now) + audio::kFrameDuration <= (frame_count_ == 0 ? lead_for_one : lead_for_more)) {
    hand_out_frame(now);
  }
  tick.frames = std::span(frames_).first(frame_count_);
  tick.done = buffer_.ended() && (!heard_all_at_ || *heard_all_at_ <= now);
  if (tick.done) active_ = false;
  return tick;
}

void Playout::hand_out_frame(Time now) {
  const audio::PlayoutBuffer::Pop pop = buffer_.pop(frames_[frame_count_]);
  assert(pop == audio::PlayoutBuffer::Pop::kFrame);
  ++frame_count_;
  ++frames_handed_out_;
  heard_all_at_ = std::max(heard_all_at_.value_or(now), now) + audio::kFrameDuration;
  dry_ = false;
}

Playout::Interruption Playout::interrupt(Time now) {
  frame_count_ = 0;
  if (active_) {
    buffer_.interrupt();
    // What was never begun needs no fade.
    if (heard_all_at_ && buffer_.has_frame()) hand_out_frame(now);
    active_ = false;
  }
  Interruption result;
  result.frames = std::span(frames_).first(frame_count_);
  result.samples_handed_out = samples_handed_out();
  result.samples_heard = samples_heard(now);
  result.audio_end = milliseconds(result.samples_heard * 1000 / audio::kRenderRateHz);
  return result;
}

std::int64_t Playout::samples_heard(Time now) const {
  const auto frame_samples = static_cast<std::int64_t>(audio::frame_samples(audio::kRenderRateHz));
  const std::int64_t heard = frames_handed_out_ * frame_samples - samples_in(lead(now));
  return std::clamp<std::int64_t>(heard, 0, samples_handed_out());
}

Playout::Time::duration Playout::lead(Time now) const {
  return heard_all_at_ ? std::max(*heard_all_at_ - now, Time::duration::zero()) : Time::duration::zero();
}

std::optional<Playout::Time> Playout::dry_at() const {
  if (!heard_all_at_) return std::nullopt;
  return *heard_all_at_ + nanoseconds(std::chrono::seconds(1)) *
                              static_cast<std::int64_t>(buffer_.buffered_samples()) / audio::kRenderRateHz;
}

}  // namespace antiphon::pipeline
