#include "pipeline/session/user_turn.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace antiphon::pipeline {

void UserTurn::begin(turns::AudioTime audio_start) {
  item_ = client_->new_id("item");
  client_->send(SpeechStarted{item_, audio_start});
  transcripts_.begin(audio_start);
  ears_.begin_turn(audio_start);
}

void UserTurn::end(turns::AudioTime audio_end) {
  ears_.end_turn();
  client_->send(SpeechStopped{item_, audio_end});
}

void UserTurn::time_out(const turns::IdleTimedOut& idle) {
  item_ = client_->new_id("item");
  client_->send(InputIdleTimedOut{item_, idle.audio_start, idle.audio_end});
}

UserTurn::Committed UserTurn::commit(const turns::CommitTurn& turn) {
  if (item_.empty()) item_ = client_->new_id("item");
  ContentPart audio;
  audio.kind = ContentPart::Kind::kInputAudio;
  const WireId id = std::exchange(item_, WireId());
  const auto added =
      conversation_->add({id, ItemStatus::kCompleted, Message{Role::kUser, {std::move(audio)}}});
  const auto& item = std::get<Conversation::Added>(added);  // its id is new
  client_->send(InputAudioCommitted{id, item.previous_item_id});
  client_->send(ItemAdded{*item.item, item.previous_item_id});
  client_->send(ItemDone{*item.item, item.previous_item_id});
  buffer_start_ = turn.audio_end;
  turn_end_ = voice_end_;
  words_missing_ = id;
  const turns::AudioTime voice_end = turn.audio_end - TurnTranscript::kTail;
  return {id, transcripts_.commit(id, turn.audio_start, std::max(voice_end, turn.audio_start))};
}

void UserTurn::clear() {
  buffer_start_ = ears_.audio().end();
  item_ = WireId();
  transcripts_.clear();
  client_->send(InputAudioCleared{});
}

void UserTurn::on_voice(bool voice, turns::AudioTime position, turns::AudioTime quiet, Time now) {
  voice_ = voice;
  if (voice) voice_end_ = VoiceEnd{now - quiet, position + turns::kWindow - quiet};
}

void UserTurn::tell_words(const Transcripts::News& news) {
  const WireId item = news.item.value_or(item_);
  if (!news.words.empty() && !item.empty()) client_->send(InputTranscriptDelta{item, 0, news.words});
}

void UserTurn::finish_item(const Transcripts::News& news, bool to_client) {
  if (ConversationItem* item = conversation_->find(news.item->view())) {
    std::get<Message>(item->body).content.front().transcript = news.text;
  }
  if (!to_client) return;
  if (news.failed) {
    client_->send(InputTranscriptFailed{*news.item, 0, "transcription_failed", "The recogniser failed."});
  } else {
    client_->send(InputTranscriptCompleted{*news.item, 0, news.text, news.duration});
  }
}

}  // namespace antiphon::pipeline
