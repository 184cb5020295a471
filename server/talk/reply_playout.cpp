#include "server/talk/reply_playout.h"

#include <algorithm>
#include <cmath>

namespace antiphon::server {
namespace {

constexpr float kAudible = 0.002F;  // about -54 dBFS
constexpr std::size_t kFramesAfterUnderrun = 3;
constexpr std::size_t kWaitingSamplesMax =
    static_cast<std::size_t>(std::chrono::seconds(ReplyPlayout::kWaitingMax).count()) * audio::kRenderRateHz;

}  // namespace

void ReplyPlayout::add(std::string_view item, std::span<const float> samples) {
  if (waiting_samples_ + samples.size() > kWaitingSamplesMax) {
    ++overruns_;
    return;
  }
  if (dry_ && item == item_) {
    ++underruns_;
    dry_ = false;
    frames_before_begin_ = kFramesAfterUnderrun;
  }
  if (waiting_.empty() || waiting_.back().item != item) {
    if (!waiting_.empty()) waiting_.back().ended = true;
    waiting_.push_back({std::string(item), {}, 0, false});
  }
  Waiting& reply = waiting_.back();
  if (reply.taken == reply.samples.size()) {
    reply.samples.clear();
    reply.taken = 0;
  }
  reply.samples.insert(reply.samples.end(), samples.begin(), samples.end());
  waiting_samples_ += samples.size();
}

void ReplyPlayout::end(std::string_view item) {
  if (!waiting_.empty() && waiting_.back().item == item) waiting_.back().ended = true;
}

// Moves what fits from the waiting replies into the buffer, one reply after another.
void ReplyPlayout::refill() {
  if (waiting_.empty()) return;
  Waiting& reply = waiting_.front();
  if (reply.item != item_) {
    if (buffer_.buffered_samples() > 0) return;
    buffer_.reset();
    item_ = reply.item;
    begun_ = audible_ = whole_ = dry_ = false;
  }
  const std::size_t count = buffer_.push(std::span<const float>(reply.samples).subspan(reply.taken));
  reply.taken += count;
  waiting_samples_ -= count;
  if (!reply.ended || reply.taken < reply.samples.size()) return;
  buffer_.end();
  whole_ = true;
  dry_ = false;
  waiting_.pop_front();
}

bool ReplyPlayout::ready() const {
  const std::size_t enough = frames_before_begin_ * std::tuple_size_v<audio::RenderFrame>;
  return buffer_.has_frame() && (buffer_.buffered_samples() >= enough || whole_);
}

ReplyPlayout::Popped ReplyPlayout::pop(audio::RenderFrame& frame) {
  refill();
  begun_ = begun_ || ready();
  Popped popped;
  popped.sounds = begun_ && buffer_.pop(frame) == audio::PlayoutBuffer::Pop::kFrame;
  if (!popped.sounds) {
    frame.fill(0);
    dry_ = dry_ || (begun_ && !whole_);
    begun_ = false;
    return popped;
  }
  if (audible_) return popped;
  const auto first = std::ranges::find_if(frame, [](float sample) { return std::abs(sample) > kAudible; });
  if (first == frame.end()) return popped;
  audible_ = true;
  popped.audible_at = static_cast<std::size_t>(first - frame.begin());
  return popped;
}

std::optional<ReplyPlayout::Heard> ReplyPlayout::stop() {
  Heard heard{item_, {}, waiting_samples_ > 0};
  waiting_.clear();
  waiting_samples_ = 0;
  std::int64_t samples = buffer_.samples_played();
  if (begun_) {
    heard.cut = heard.cut || buffer_.buffered_samples() > audio::PlayoutBuffer::kFadeSamples;
    buffer_.interrupt();
    samples += static_cast<std::int64_t>(buffer_.buffered_samples());
  } else {
    heard.cut = heard.cut || buffer_.buffered_samples() > 0;
    buffer_.reset();
    buffer_.end();
  }
  whole_ = true;
  dry_ = false;
  heard.audio = std::chrono::milliseconds(samples * 1000 / audio::kRenderRateHz);
  if (item_.empty()) return std::nullopt;
  return heard;
}

}  // namespace antiphon::server
