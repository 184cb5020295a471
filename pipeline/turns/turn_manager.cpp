#include "pipeline/turns/turn_manager.h"

#include <algorithm>
#include <cassert>

namespace antiphon::pipeline::turns {

TurnManager::TurnManager(const TurnDetection& detection) : TurnManager(detection, Options{}) {}

TurnManager::TurnManager(const TurnDetection& detection, const Options& options)
    : detection_(detection), options_(options), edges_({detection.threshold, options.speech_min}) {}

// --- The user's audio ---

TurnActions TurnManager::on_window(float speech_probability, Time now, AudioTime quiet) {
  TurnActions actions;
  edges_.configure({detection_.threshold,
                    assistant_is_heard(now) ? options_.speech_min_to_interrupt : options_.speech_min});
  const bool listens = detection_.kind != TurnDetection::Kind::kPushToTalk;
  const SpeechEdges::Edge edge = edges_.step(listens ? speech_probability : 0.0f, quiet);
  if (playout_end_ && !idle_audio_start_ && now >= *playout_end_) idle_audio_start_ = edges_.position();
  if (edge == SpeechEdges::Edge::kStarted) begin_speech(now, actions);
  if (edge == SpeechEdges::Edge::kResumed) drop_attempt(actions);
  if (edges_.in_speech() && edges_.silence() >= kFirstPause && !attempt_) begin_attempt(actions);
  end_turn_if_over(AudioTime(0), actions);
  return actions;
}

TurnActions TurnManager::on_silence_beyond(AudioTime beyond) {
  TurnActions actions;
  end_turn_if_over(beyond, actions);
  return actions;
}

bool TurnManager::assistant_is_heard(Time now) const {
  return reply_.active ? reply_.first_audio.has_value() : playout_end_ && now < *playout_end_;
}

Generation TurnManager::next_generation() {
  last_generation_ = Generation{static_cast<std::uint64_t>(last_generation_) + 1};
  return last_generation_;
}

void TurnManager::begin_speech(Time now, TurnActions& actions) {
  turn_start_ = std::max(buffer_start_, edges_.voice_start() - detection_.prefix_padding);
  actions.push(SpeechStarted{turn_start_});
  playout_end_.reset();
  if (reply_.active && detection_.interrupt_response) interrupt_reply(now, actions);
}

void TurnManager::interrupt_reply(Time now, TurnActions& actions) {
  const Time onset = now - (edges_.position() - edges_.voice_start());
  const bool hardly_heard = !reply_.first_audio || onset - *reply_.first_audio <= kResumeMax;
  const bool withdrawn = reply_.answers_turn && hardly_heard;
  using Reason = CancelResponse::Reason;
  actions.push(CancelResponse{reply_.generation, withdrawn ? Reason::kWithdrawn : Reason::kBargeIn});
  reply_ = {};
  continues_last_ = withdrawn;
  unanswered_turn_ = withdrawn || response_owed_;
  response_owed_ = false;
}

void TurnManager::begin_attempt(TurnActions& actions) {
  Attempt attempt;
  attempt.generation = next_generation();
  attempt_ = attempt;
  if (detection_.kind == TurnDetection::Kind::kSemanticVad) {
    actions.push(AskSoundCue{attempt_->generation});
    actions.push(AskTextCue{attempt_->generation});
    attempt_->asked = true;
  }
  if (options_.speculate && detection_.create_response && !reply_.active) {
    actions.push(StartSpeculation{attempt_->generation, turn_start_, edges_.voice_end()});
    attempt_->asked = attempt_->speculates = true;
  }
}

void TurnManager::drop_attempt(TurnActions& actions) {
  if (attempt_ && attempt_->asked) actions.push(DropSpeculation{attempt_->generation});
  attempt_.reset();
}

void TurnManager::end_turn_if_over(AudioTime beyond, TurnActions& actions) {
  if (silence() == AudioTime(0)) return;
  const std::optional<AudioTime> needed = silence_needed(detection_, attempt_ ? attempt_->cues : TurnCues{});
  if (needed && silence() + beyond >= *needed) end_turn(edges_.position() + beyond, actions);
}

void TurnManager::end_turn(AudioTime audio_end, TurnActions& actions) {
  actions.push(SpeechStopped{audio_end});
  actions.push(CommitTurn{turn_start_, audio_end, continues_last_});
  edges_.stop();
  buffer_start_ = audio_end;
  unanswered_turn_ = true;
  // No words after a withdrawn reply: the turn before them still waits for an answer.
  const bool wordless = attempt_ && attempt_->no_words && !continues_last_;
  continues_last_ = false;
  const bool wants_reply = detection_.create_response && !wordless;
  if (!wants_reply || reply_.active) {
    drop_attempt(actions);
    response_owed_ = response_owed_ || wants_reply;
    return;
  }
  const bool speculated = attempt_ && attempt_->speculates;
  const Generation generation = attempt_ && attempt_->asked ? attempt_->generation : next_generation();
  attempt_.reset();
  create_response(generation, speculated, actions);
}

void TurnManager::create_response(Generation generation, bool speculated, TurnActions& actions) {
  assert(!reply_.active);
  reply_ =
      Reply{.active = true, .answers_turn = unanswered_turn_, .generation = generation, .first_audio = {}};
  unanswered_turn_ = response_owed_ = false;
  playout_end_.reset();
  actions.push(CreateResponse{generation, speculated});
}

// --- Results of work that was asked for ---

TurnActions TurnManager::on_sound_cue(Generation generation, float probability_complete) {
  TurnActions actions;
  if (!attempt_ || attempt_->generation != generation) return actions;
  attempt_->cues.sound_complete = probability_complete;
  end_turn_if_over(AudioTime(0), actions);
  return actions;
}

TurnActions TurnManager::on_text_cue(Generation generation, float end_log_probability) {
  TurnActions actions;
  if (!attempt_ || attempt_->generation != generation) return actions;
  attempt_->cues.text_end_log_probability = end_log_probability;
  end_turn_if_over(AudioTime(0), actions);
  return actions;
}

void TurnManager::on_no_words(Generation generation) {
  if (attempt_ && attempt_->generation == generation) attempt_->no_words = true;
}

// --- The active response ---

void TurnManager::on_first_audio(Generation generation, Time now) {
  if (reply_.active && reply_.generation == generation && !reply_.first_audio) reply_.first_audio = now;
}

TurnActions TurnManager::on_response_ended(Generation generation, Time playout_end) {
  TurnActions actions;
  if (!reply_.active || reply_.generation != generation) return actions;
  reply_ = {};
  if (!edges_.in_speech()) {
    playout_end_ = playout_end;
    idle_audio_start_.reset();
  }
  create_owed_response(actions);
  return actions;
}

void TurnManager::create_owed_response(TurnActions& actions) {
  // While the user speaks, the reply to that turn will answer the waiting one too.
  if (response_owed_ && !reply_.active && !edges_.in_speech()) {
    create_response(next_generation(), false, actions);
  }
}

// --- The client ---

TurnActions TurnManager::on_turn_detection(const TurnDetection& detection) {
  TurnActions actions;
  detection_ = detection;
  if (detection.kind == TurnDetection::Kind::kPushToTalk) {
    forget_speech(edges_.position(), actions);
    create_owed_response(actions);
  }
  return actions;
}

void TurnManager::forget_speech(AudioTime audio_end, TurnActions& actions) {
  if (edges_.in_speech()) actions.push(SpeechStopped{audio_end});
  drop_attempt(actions);
  edges_.stop();
}

TurnActions TurnManager::on_commit(AudioTime audio_end) {
  TurnActions actions;
  const AudioTime audio_start = edges_.in_speech() ? turn_start_ : buffer_start_;
  forget_speech(audio_end, actions);
  actions.push(CommitTurn{audio_start, audio_end, continues_last_});
  buffer_start_ = audio_end;
  continues_last_ = false;
  unanswered_turn_ = true;
  playout_end_.reset();
  return actions;
}

TurnActions TurnManager::on_clear(AudioTime audio_end) {
  TurnActions actions;
  forget_speech(audio_end, actions);
  buffer_start_ = audio_end;
  // The reply was withdrawn for speech that is gone now; the turn before it still waits for an answer.
  response_owed_ = response_owed_ || (continues_last_ && detection_.create_response);
  continues_last_ = false;
  create_owed_response(actions);
  return actions;
}

TurnActions TurnManager::on_response_requested() {
  TurnActions actions;
  create_response(next_generation(), false, actions);
  return actions;
}

// --- Time ---

std::optional<Time> TurnManager::deadline() const {
  const bool waits = detection_.kind == TurnDetection::Kind::kServerVad && detection_.idle_timeout &&
                     playout_end_ && !reply_.active && !edges_.in_speech();
  if (!waits) return std::nullopt;
  return *playout_end_ + *detection_.idle_timeout;
}

TurnActions TurnManager::on_time(Time now) {
  TurnActions actions;
  const std::optional<Time> due = deadline();
  if (!due || now < *due) return actions;
  const AudioTime end = edges_.position();
  const AudioTime start = std::clamp(idle_audio_start_.value_or(end), std::min(buffer_start_, end), end);
  actions.push(IdleTimedOut{start, end});
  actions.push(CommitTurn{start, end, false});
  buffer_start_ = std::max(buffer_start_, end);
  playout_end_.reset();
  if (detection_.create_response) create_response(next_generation(), false, actions);
  return actions;
}

void TurnManager::set_speculation(bool on) {
  options_.speculate = on;
}

TurnState TurnManager::state() const {
  if (edges_.in_speech()) return TurnState::kUserSpeaking;
  if (!reply_.active) return TurnState::kListening;
  return reply_.first_audio ? TurnState::kSpeaking : TurnState::kThinking;
}

bool TurnManager::alive(Generation generation) const {
  return (attempt_ && attempt_->generation == generation) ||
         (reply_.active && reply_.generation == generation);
}

}  // namespace antiphon::pipeline::turns
