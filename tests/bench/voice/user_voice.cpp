#include "tests/bench/voice/user_voice.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "audio/frame.h"

namespace antiphon::bench {
namespace {

using std::chrono::milliseconds;

Time after_ms(Time begin, double ms) {
  return begin + std::chrono::microseconds(static_cast<std::int64_t>(ms * 1000));
}

}  // namespace

UserVoice::UserVoice(const Config& config, const std::vector<Utterance>* utterances, TurnDone turn_done)
    : config_(config), utterances_(utterances), turn_done_(std::move(turn_done)) {}

UserVoice::Frame UserVoice::frame(Time frame_begin) {
  if (!std::exchange(started_, true)) first_turn_at_ = frame_begin + config_.first_rest;
  if (turns_begun_ < turns_max_ && turn_is_over(frame_begin)) begin_turn(frame_begin);
  if (turns_begun_ == 0) return {};
  const Utterance& utterance = (*utterances_)[(turns_begun_ - 1) % utterances_->size()];
  const auto begin = std::chrono::duration_cast<milliseconds>(frame_begin - speech_begin_).count();
  const auto length = static_cast<std::int64_t>(utterance.samples.size() / (audio::kRenderRateHz / 1000));
  if (begin >= length) return {};
  return {&utterance, static_cast<int>(begin)};
}

void UserVoice::begin_turn(Time frame_begin) {
  if (turns_begun_ > 1) turn_done_(last_);
  last_ = std::exchange(turn_, {});
  const std::size_t number = turns_begun_++;
  const Utterance& utterance = (*utterances_)[number % utterances_->size()];
  // The server's windows of 32 ms fall differently each time.
  speech_begin_ = frame_begin + milliseconds(number * 7 % 20);
  cancelled_ = false;
  turn_.utterance = utterance.name;
  turn_.onset = after_ms(speech_begin_, utterance.begin_ms);
  turn_.end = after_ms(speech_begin_, utterance.end_ms);
}

void UserVoice::finish() {
  if (turns_begun_ > 1) turn_done_(last_);
  if (turns_begun_ > 0) turn_done_(turn_);
  turns_begun_ = 0;
}

bool UserVoice::turn_is_over(Time now) const {
  if (turns_begun_ == 0) return now >= first_turn_at_;
  if (now < turn_.end) return false;
  if (now >= turn_.end + config_.patience) return true;
  const HeardReply* reply = turn_.answer();
  if (reply == nullptr) return false;
  if (config_.barge_in_after > milliseconds(0) && !reply->done()) {
    return now >= *reply->audible + config_.barge_in_after;
  }
  const bool answered = reply->status == "completed" || reply->status == "incomplete" || cancelled_;
  return reply->done() && answered && now >= *reply->last_delta + config_.rest;
}

bool UserVoice::wants_cancel(Time now) {
  if (config_.listens_for == milliseconds(0) || cancelled_ || now < turn_.end) return false;
  const HeardReply* reply = turn_.answer();
  if (reply == nullptr || reply->done() || now < *reply->audible + config_.listens_for) return false;
  cancelled_ = true;
  return true;
}

void UserVoice::hear(const boost::json::value& event, Time now) {
  bench::hear(event, now, config_.format, &turn_, last());
}

void UserVoice::hear_audio(std::string_view response_id, std::string_view base64, Time now) {
  hear_audio_delta(response_id, base64, now, config_.format, &turn_, last());
}

const HeardReply* UserVoice::reply(std::string_view response_id) const {
  for (const HeardTurn* turn : {&turn_, &last_}) {
    const auto found = std::ranges::find(turn->replies, response_id, &HeardReply::id);
    if (found != turn->replies.end()) return &*found;
  }
  return nullptr;
}

}  // namespace antiphon::bench
