#include "pipeline/session/turn_transcript.h"

#include <cassert>
#include <utility>

namespace antiphon::pipeline {

using turns::AudioTime;

void TurnTranscript::begin(AudioTime audio_start) {
  active_ = true;
  open_start_ = last_partial_end_ = audio_start;
  close_at_.reset();
  final_.reset();
  closed_.clear();
  ++turn_;
}

void TurnTranscript::end() {
  active_ = false;
  final_.reset();
  close_at_.reset();
  ++turn_;
}

void TurnTranscript::want_final(Generation generation, AudioTime voice_end) {
  assert(active_);
  final_ = Request{Kind::kFinal, generation, open_start_, voice_end + kTail};
}

void TurnTranscript::on_pause(AudioTime voice_end) {
  if (active_ && voice_end - open_start_ >= kSegmentMin) close_at_ = voice_end + kTail;
}

std::optional<TurnTranscript::Request> TurnTranscript::next(AudioTime heard, bool voice, bool partials) {
  if (!active_ || in_flight_) return std::nullopt;
  std::optional<Request> request;
  if (final_ && heard >= final_->end - kTail) {
    request = std::exchange(final_, std::nullopt);
    request->begin = open_start_;
  } else if (voice && heard - open_start_ >= kSegmentMax) {
    request = Request{Kind::kClosing, {}, open_start_, heard};
  } else if (voice && close_at_) {  // the user went on after the pause
    request = Request{Kind::kClosing, {}, open_start_, *close_at_};
  } else if (voice && partials && heard - last_partial_end_ >= kPartialInterval) {
    request = Request{Kind::kPartial, {}, open_start_, heard};
    last_partial_end_ = heard;
  }
  in_flight_ = request.has_value();
  turn_in_flight_ = turn_;
  return request;
}

std::string TurnTranscript::on_text(const Request& request, std::string text) {
  assert(in_flight_);
  in_flight_ = false;
  if (turn_in_flight_ != turn_) return {};
  if (request.kind == Kind::kClosing) {
    if (!text.empty()) closed_.push_back(std::move(text));
    open_start_ = last_partial_end_ = request.end;
    close_at_.reset();
    return joined({});
  }
  return joined(text);
}

void TurnTranscript::on_refused(const Request& request) {
  assert(in_flight_);
  in_flight_ = false;
  if (turn_in_flight_ == turn_ && request.kind == Kind::kFinal && !final_) final_ = request;
}

std::string TurnTranscript::joined(const std::string& open) const {
  std::string all;
  for (const std::string& part : closed_) all.append(all.empty() ? "" : " ").append(part);
  if (!open.empty()) all.append(all.empty() ? "" : " ").append(open);
  return all;
}

}  // namespace antiphon::pipeline
