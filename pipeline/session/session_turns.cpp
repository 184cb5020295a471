// What the turn manager wants done.
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {

void Session::act(const turns::TurnActions& actions, Time now) {
  for (const turns::TurnAction& action : actions) {
    std::visit([&](const auto& wanted) { act(wanted, now); }, action);
  }
}

void Session::act(const turns::SpeechStarted& action, Time) {
  user_item_ = client_.new_id("item");
  begin_memory_turn();
  client_.send(SpeechStarted{user_item_, action.audio_start});
  transcripts_.begin(action.audio_start);
  ears_.begin_turn(action.audio_start);
}

void Session::act(const turns::SpeechStopped& action, Time) {
  ears_.end_turn();
  client_.send(SpeechStopped{user_item_, action.audio_end});
}

void Session::act(const turns::AskSoundCue& action, Time now) {
  constexpr std::chrono::milliseconds kDue{100};
  const TaskLabel label{context_.id, action.generation, TaskKind::kEndOfTurn, Deadline(now + kDue), true};
  // The detector is asked here, on the thread that appends; the work runs on a lane.
  auto start = [work = context_.networks->turn->probability(context_.seat)]() mutable {
    return std::move(work);
  };
  auto deliver = [inbox = context_.inbox](SoundCueResult result) { inbox->push(result); };
  // Without room for it the pause is judged without this cue.
  static_cast<void>(tasks_.try_submit(make_stepped_task(label, std::move(start), deliver)));
}

void Session::act(const turns::AskTextCue& action, Time) {
  text_cue_ = action.generation;
  want_words(action.generation, turns_.audio_position() - turns::TurnManager::kFirstPause);
}

void Session::act(const turns::StartSpeculation& action, Time now) {
  speculation_ = action.generation;
  paused_ = now;
  want_words(action.generation, action.audio_end);
}

void Session::want_words(Generation generation, turns::AudioTime voice_end) {
  transcripts_.on_pause(voice_end);
  transcripts_.want_final(generation, voice_end);
}

void Session::act(const turns::DropSpeculation& action, Time) {
  tasks_.cancel(action.generation);
  slot_.drop(action.generation);
  if (!words_missing_) transcripts_.drop_final();
  speculation_.reset();
  text_cue_.reset();
  drop_held_reply();
  memory_.drop_late();
  history_.set_note(WireId(), memory_.ahead_note(), "");
}

void Session::act(const turns::CommitTurn& action, Time now) {
  if (user_item_.empty()) user_item_ = client_.new_id("item");
  ContentPart audio;
  audio.kind = ContentPart::Kind::kInputAudio;
  const WireId id = std::exchange(user_item_, WireId());
  const auto added =
      conversation_.add({id, ItemStatus::kCompleted, Message{Role::kUser, {std::move(audio)}}});
  const auto& item = std::get<Conversation::Added>(added);  // its id is new
  history_.name_spoken(id);
  client_.send(InputAudioCommitted{id, item.previous_item_id});
  client_.send(ItemAdded{*item.item, item.previous_item_id});
  client_.send(ItemDone{*item.item, item.previous_item_id});
  buffer_start_ = action.audio_end;
  turn_end_ = voice_end_;
  words_missing_ = id;
  const turns::AudioTime voice_end = action.audio_end - TurnTranscript::kTail;
  const auto news = transcripts_.commit(id, action.audio_start, std::max(voice_end, action.audio_start));
  if (news) on_news(*news, now);
}

void Session::act(const turns::CreateResponse& action, Time now) {
  speculation_.reset();
  text_cue_.reset();
  const bool held = reply_ && !reply_->released() && reply_->generation() == action.generation;
  if (!held) {
    drop_held_reply();
    make_reply(action.generation);
  }
  reply_->trace().speculated = held;
  if (const auto turn_end = std::exchange(turn_end_, std::nullopt)) {
    reply_->trace().speech_end = turn_end->heard_at;
    reply_->trace().speech_end_position = turn_end->position;
  }
  if (action.speculated) reply_->trace().paused = paused_;
  reply_->trace().decided = now;
  reply_->release(now);
  if (!reply_->writing() && !words_missing_) write_reply(nullptr, now);
}

void Session::act(const turns::CancelResponse& action, Time now) {
  if (!reply_ || reply_->generation() != action.generation) return;
  const bool withdrawn = action.reason == turns::CancelResponse::Reason::kWithdrawn;
  reply_->cancel("turn_detected", withdrawn ? Reply::Cut::kAll : Reply::Cut::kHeard, now);
  settle_reply(now);
}

void Session::act(const turns::IdleTimedOut& action, Time) {
  user_item_ = client_.new_id("item");
  client_.send(InputIdleTimedOut{user_item_, action.audio_start, action.audio_end});
}

}  // namespace antiphon::pipeline
