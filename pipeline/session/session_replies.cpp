// From the user's words to the reply.
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {

void Session::make_reply(Generation generation) {
  const ResponseOverrides overrides = wish_ ? wish_->overrides : ResponseOverrides{};
  reply_.emplace(context_, &tasks_, &client_, &conversation_, &slot_, generation,
                 terms_of(settings_.config(), overrides), conversation_id_);
  first_sound_told_ = false;
}

void Session::write_reply(const ConversationItem* next, Time now) {
  const bool own_prompt = wish_ && wish_->has_own_prompt();
  if (memory_.await_note(reply_->generation(), own_prompt, next, now)) return;
  write_reply_now(next, now);
}

void Session::write_reply_now(const ConversationItem* next, Time now) {
  memory_.place_note(next);
  const ResponseWish* wish = reply_wish();
  std::vector<models::Token> prompt = prompts_.reply(wish, next);
  if (wish == nullptr && next == nullptr && !prompts_.history().ends_with_user()) {
    reply_->say_nothing(now);
  } else {
    reply_->write(std::move(prompt), settings_.reply_tokens_max(wish), settings_.tools_of(wish), now);
  }
}

// The memory has answered, or nobody waits for it any more.
void Session::go_on_writing(Time now) {
  const auto awaited = memory_.take_awaited();
  if (!awaited || !reply_ || reply_->generation() != awaited->generation) return;
  if (reply_->writing() || reply_->over()) return;
  write_reply_now(awaited->next ? &*awaited->next : nullptr, now);
}

void Session::drop_held_reply() {
  if (!reply_ || reply_->released()) return;
  reply_->cancel("turn_detected", Reply::Cut::kAll, Time());
  reply_.reset();
  context_.observer->on_speculation_dropped();
  warm_wanted_ = true;
}

void Session::settle_reply(Time now) {
  if (!reply_ || !reply_->released()) return;
  if (reply_->first_sent() && !std::exchange(first_sound_told_, true)) tell_first_sound(now);
  if (!reply_->over()) return;
  const Generation generation = reply_->generation();
  const Time playout_end = reply_->playout_end(now);
  writes_slowly_ = reply_->writes_slowly();
  if (const auto id = reply_->message_id()) memory_.on_reply_over(*id, now);
  if (reply_->trace().speech_end) context_.observer->on_turn(reply_->trace());
  reply_.reset();
  wish_.reset();
  warm_wanted_ = true;
  act(turns_.on_response_ended(generation, playout_end), now);
}

void Session::tell_first_sound(Time now) {
  spoke_ = spoke_ || reply_->events().terms().modality == OutputModality::kAudio;
  turns_.on_first_audio(reply_->generation(), now);
  if (settings_.config().turn_traces) {
    client_.send(told_trace(reply_->trace(), reply_->events().response_id()));
  }
}

Reply* Session::reply_of(Generation generation) {
  if (reply_ && reply_->generation() == generation) return &*reply_;
  return side_replies_.find(generation);
}

}  // namespace antiphon::pipeline
