#include "pipeline/session/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr float kVoice = 0.5F;

std::int64_t unix_seconds(WallTime at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
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
      id_(WireId("sess_" + std::to_string(static_cast<std::uint64_t>(context.id)))),
      conversation_id_(WireId("conv_" + std::to_string(static_cast<std::uint64_t>(context.id)))),
      config_(config),
      expires_at_(now + context.limits->session_max),
      expires_at_unix_s_(unix_seconds(wall_now + context.limits->session_max)),
      client_(context.id, std::move(sink)),
      waiting_(static_cast<std::size_t>(context.events_max)),
      tasks_(context_),
      ears_(context_, config.input_format),
      transcripts_(context_, &tasks_, &ears_),
      turns_(config.turn_detection, turn_options(*context.limits)),
      conversation_([this] { return client_.new_id("item"); }, Conversation::Limits{}),
      history_(context.networks->chat),
      slot_(context_, context.seat),
      memory_(context_, std::move(user), now, wall_now) {
  if (context_.networks->tool_vocabulary == nullptr) config_.tools.clear();
  auto tools = ToolUse::of(config_.tools, config_.tool_choice);  // faults were told when the config was made
  if (auto* made = std::get_if<Tools>(&tools)) tools_ = std::move(*made);
  set_opening();
  send_snapshot<SessionCreated>();
}

void Session::on_lane_result(LaneResult result, Time now) {
  if (auto* voice = std::get_if<VoiceActivityResult>(&result)) {
    const turns::AudioTime quiet = ears_.on_window_done();
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
      if (const auto news = transcripts_.on_result(std::move(*transcript))) on_news(*news, now);
    } else if (auto* speech = std::get_if<SpeechResult>(&result)) {
      if (Reply* reply = reply_of(speech->generation)) reply->on_speech(std::move(*speech), now);
    }
  }
  if (!closed_) pump(now);
}

void Session::on_voice(float probability, turns::AudioTime quiet, Time now) {
  voice_ = probability >= kVoice;
  const bool push_to_talk = config_.turn_detection.kind == TurnDetection::Kind::kPushToTalk;
  const turns::AudioTime position = turns_.audio_position();
  if (voice_) voice_end_ = VoiceEnd{now - quiet, position + turns::kWindow - quiet};
  if (push_to_talk && voice_ && !transcripts_.active()) {
    begin_memory_turn();
    transcripts_.begin(std::max(buffer_start_, position - config_.turn_detection.prefix_padding));
  }
  act(turns_.on_window(probability, now, quiet), now);
}

void Session::pump(Time now) {
  work_off_events(now);
  const OverloadLevel level = context_.executor->overload_level();
  const bool wanted = config_.transcription.has_value() || speculates();
  const bool partials = wanted && level < OverloadLevel::kFewerPartials;
  transcripts_.pump(voice_, partials, now);
  while (const auto lost = transcripts_.take_lost()) on_news(*lost, now);
  settle_reply(now);
  move_side_replies(now);
  if (warm_wanted_ && slot_.idle() && !reply_) warm();
}

void Session::tick(Time now) {
  if (closed_) {
    tasks_.pump();
    slot_.pump();
    memory_.pump();
    return;
  }
  tasks_.pump();
  slot_.pump();
  pump_memory(now);
  const bool overloaded = context_.executor->overload_level() >= OverloadLevel::kNoSpeculation;
  turns_.set_speculation(context_.limits->speculate && !overloaded);
  act(turns_.on_time(now), now);
  if (reply_) reply_->tick(now);
  for (SideReply& side : side_replies_) side.reply.tick(now);
  pump(now);
  if (draining_ && turns_.state() == turns::TurnState::kListening && !reply_ && side_replies_.empty())
    end(SessionEnd::kDrained, now);
  if (!closed_ && now >= expires_at_) {
    client_.set_cause("");
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(context_.limits->session_max);
    client_.send_error("session_expired", "Your session hit the maximum duration of " +
                                              std::to_string(minutes.count()) + " minutes.");
    end(SessionEnd::kExpired, now);
  }
}

void Session::end(SessionEnd reason, Time now) {
  client_.end(reason);
  close(now);
}

void Session::close(Time now) {
  if (closed_) return;
  closed_ = true;
  remember_reply(now);
  if (reply_ && reply_->message_id()) {
    memory_.keep(context_store::kAssistantSpeaker, reply_->heard_text(now), now);
  }
  memory_.begin_turn();  // asks nothing any more
  if (reply_ && !reply_->over()) tasks_.cancel(reply_->generation());
  reply_.reset();
  for (const SideReply& side : side_replies_) tasks_.cancel(side.reply.generation());
  side_replies_.clear();
  if (speculation_) tasks_.cancel(*speculation_);
  transcripts_.clear();
  slot_.drop_all();
  waiting_.clear();
}

}  // namespace antiphon::pipeline
