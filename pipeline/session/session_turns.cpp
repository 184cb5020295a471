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
  memory_.begin_turn();
  user_.begin(action.audio_start);
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
  pause_.text_cue = action.generation;
  want_words(action.generation, turns_.audio_position() - turns::TurnManager::kFirstPause);
}

void Session::act(const turns::StartSpeculation& action, Time now) {
  pause_.speculation = action.generation;
  pause_.began = now;
  want_words(action.generation, action.audio_end);
}

void Session::want_words(Generation generation, turns::AudioTime voice_end) {
  user_.transcripts().on_pause(voice_end);
  user_.transcripts().want_final(generation, voice_end);
}

void Session::act(const turns::DropSpeculation& action, Time) {
  tasks_.cancel(action.generation);
  slot_.drop(action.generation);
  if (!user_.words_missing()) user_.transcripts().drop_final();
  pause_.speculation.reset();
  pause_.text_cue.reset();
  drop_held_reply();
  memory_.on_turn_goes_on();
}

void Session::act(const turns::CommitTurn& action, Time now) {
  const UserTurn::Committed turn = user_.commit(action);
  prompts_.history().name_spoken(turn.item);
  if (turn.news) on_news(*turn.news, now);
}

void Session::act(const turns::CreateResponse& action, Time now) {
  pause_.speculation.reset();
  pause_.text_cue.reset();
  // Nobody knows yet of one that failed, so that it is worth another try.
  const bool held =
      reply_ && !reply_->released() && reply_->generation() == action.generation && !reply_->failed();
  if (!held) {
    drop_held_reply();
    make_reply(action.generation);
  }
  reply_->trace().speculated = held;
  if (const auto turn_end = user_.take_turn_end()) {
    reply_->trace().speech_end = turn_end->heard_at;
    reply_->trace().speech_end_position = turn_end->position;
  }
  if (action.speculated) reply_->trace().paused = pause_.began;
  reply_->trace().decided = now;
  reply_->release(now);
  if (!reply_->writing() && !user_.words_missing()) write_reply(nullptr, now);
}

void Session::act(const turns::CancelResponse& action, Time now) {
  if (!reply_ || reply_->generation() != action.generation) return;
  const bool withdrawn = action.reason == turns::CancelResponse::Reason::kWithdrawn;
  reply_->cancel("turn_detected", withdrawn ? Reply::Cut::kAll : Reply::Cut::kHeard, now);
  settle_reply(now);
}

}  // namespace antiphon::pipeline
