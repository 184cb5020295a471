#include "pipeline/session/session.h"

#include <chrono>
#include <string>
#include <utility>

namespace antiphon::pipeline {
namespace {

std::int64_t unix_seconds(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

WireId named(const char* prefix, SessionId id) {
  return WireId(prefix + std::to_string(static_cast<std::uint64_t>(id)));
}

turns::TurnManager::Options turn_options(const SessionLimits& limits) {
  turns::TurnManager::Options options;
  options.speculate = limits.speculate;
  return options;
}

}  // namespace

Session::Session(const SessionContext& context, const SessionConfig& config, std::unique_ptr<EventSink> sink,
                 Time now, WallTime wall_now, std::optional<context_store::UserPath> user)
    : context_(context),
      conversation_id_(named("conv_", context.id)),
      expires_at_(now + context.limits->session_max),
      client_(context.id, std::move(sink)),
      settings_(context_, &client_, named("sess_", context.id),
                unix_seconds(wall_now + context.limits->session_max), config),
      waiting_(static_cast<std::size_t>(context.events_max)),
      tasks_(context_),
      conversation_([this] { return client_.new_id("item"); }, Conversation::Limits{}),
      items_(&client_, &conversation_),
      user_(context_, &tasks_, &client_, &conversation_, config.input_format),
      turns_(config.turn_detection, turn_options(*context.limits)),
      slot_(context_, context.seat),
      prompts_(context_.networks, &settings_, &conversation_),
      memory_(context_, std::move(user), &conversation_, &prompts_.history(), now, wall_now),
      side_replies_(context_, &tasks_, &client_, &conversation_, &slot_, &prompts_, &settings_) {
  settings_.tell_created();
}

void Session::on_lane_result(LaneResult result, Time now) {
  if (auto* voice = std::get_if<VoiceActivityResult>(&result)) {
    const turns::AudioTime quiet = user_.ears().on_window_done();
    if (!closed_) on_voice(voice->probability, quiet, now);
  } else if (auto* token = std::get_if<TokenEvent>(&result)) {
    const auto heard = slot_.on_event(*token);
    if (heard && !closed_) on_heard(*heard, now);
  } else if (auto* answer = std::get_if<MemoryAnswer>(&result)) {
    on_memory(std::move(*answer), now);
  } else {
    tasks_.on_result();
    if (closed_) return;
    if (auto* cue = std::get_if<SoundCueResult>(&result)) {
      if (cue->result) act(turns_.on_sound_cue(cue->generation, *cue->result), now);
    } else if (auto* transcript = std::get_if<TranscriptResult>(&result)) {
      if (const auto news = user_.transcripts().on_result(std::move(*transcript))) on_news(*news, now);
    } else if (auto* speech = std::get_if<SpeechResult>(&result)) {
      if (Reply* reply = reply_of(speech->generation)) reply->on_speech(std::move(*speech), now);
    }
  }
  if (!closed_) pump(now);
}

void Session::pump(Time now) {
  work_off_events(now);
  look_beyond_windows(now);
  const OverloadLevel level = context_.executor->overload_level();
  const bool wanted = settings_.config().transcription.has_value() || speculates();
  const bool partials = wanted && level < OverloadLevel::kFewerPartials;
  user_.transcripts().pump(user_.voice(), partials, now);
  while (const auto lost = user_.transcripts().take_lost()) on_news(*lost, now);
  settle_reply(now);
  if (side_replies_.move(user_.words_missing().has_value(), now)) warm_wanted_ = true;
  if (warm_wanted_ && slot_.idle() && !reply_) warm();
}

void Session::tick(Time now) {
  tasks_.pump();
  slot_.pump();
  memory_.pump(now);
  if (closed_) return;
  const bool overloaded = context_.executor->overload_level() >= OverloadLevel::kNoSpeculation;
  turns_.set_speculation(context_.limits->speculate && !overloaded);
  act(turns_.on_time(now), now);
  if (reply_) reply_->tick(now);
  side_replies_.tick(now);
  pump(now);
  end_if_due(now);
}

void Session::on_wake(Time now) {
  memory_.give_up_final();
  go_on_writing(now);
  pump(now);
}

void Session::end_if_due(Time now) {
  const bool listening = turns_.state() == turns::TurnState::kListening;
  if (draining_ && listening && !reply_ && side_replies_.empty()) end(SessionEnd::kDrained, now);
  if (closed_ || now < expires_at_) return;
  client_.set_cause("");
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(context_.limits->session_max);
  client_.send_error("session_expired", "Your session hit the maximum duration of " +
                                            std::to_string(minutes.count()) + " minutes.");
  end(SessionEnd::kExpired, now);
}

void Session::end(SessionEnd reason, Time now) {
  client_.end(reason);
  close(now);
}

void Session::close(Time now) {
  if (closed_) return;
  closed_ = true;
  memory_.close(reply_ ? &*reply_ : nullptr, now);
  if (reply_ && !reply_->over()) tasks_.cancel(reply_->generation());
  reply_.reset();
  side_replies_.drop_all();
  if (pause_.speculation) tasks_.cancel(*pause_.speculation);
  user_.transcripts().clear();
  slot_.drop_all();
  waiting_.clear();
}

}  // namespace antiphon::pipeline
