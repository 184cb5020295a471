#include "pipeline/session/session_memory.h"

#include <algorithm>
#include <utility>

namespace antiphon::pipeline {
namespace {

// A client may still say how much of a reply it played, which cuts the item to it.
constexpr std::chrono::milliseconds kTruncationMax{1500};

bool is_spoken(const Message& message) {
  return std::ranges::any_of(message.content, [](const ContentPart& part) { return part.is_audio(); });
}

}  // namespace

void SessionMemory::begin_turn() {
  memory_.begin_turn();
  history_->set_note(WireId(), "", "");
  ahead_words_.clear();
  words_read_ = false;
}

bool SessionMemory::hear_ahead(const std::string& hypothesis, Time now) {
  ahead_words_ = hypothesis;
  return memory_.ask_ahead(hypothesis, now);
}

void SessionMemory::on_turn_goes_on() {
  memory_.drop_late();
  history_->set_note(WireId(), memory_.ahead_note(), "");
}

void SessionMemory::keep_said(const std::string& text, Time now) {
  keep_heard(now);
  memory_.keep(context_store::kUserSpeaker, text, now);
}

// The user's message that a reply would answer now; null: the last word is not theirs.
const ConversationItem* SessionMemory::last_words_of_user() const {
  const auto items = conversation_->items();
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    const auto* message = std::get_if<Message>(&item->body);
    if (message == nullptr) return nullptr;
    if (text_of(*message).empty()) continue;
    return message->role == Role::kUser ? &*item : nullptr;
  }
  return nullptr;
}

void SessionMemory::keep_typed_words(Time now) {
  const auto items = conversation_->items();
  auto first = items.end();
  for (; first != items.begin() && (first - 1)->id != typed_item_; --first) {
    const auto* message = std::get_if<Message>(&(first - 1)->body);
    if (message == nullptr || message->role != Role::kUser || is_spoken(*message)) break;
  }
  if (first == items.end()) return;
  typed_item_ = items.back().id;
  begin_turn();
  words_read_ = true;  // when they came
  for (; first != items.end(); ++first) keep_said(text_of(std::get<Message>(first->body)), now);
}

bool SessionMemory::await_note(Generation reply, bool own_prompt, const ConversationItem* next, Time now) {
  if (!memory_.on()) return false;
  if (awaited_ && awaited_->generation == reply) {
    if (next == nullptr) awaited_->next.reset();
    return true;
  }
  if (next == nullptr) keep_typed_words(now);
  const ConversationItem* words = next != nullptr ? next : last_words_of_user();
  if (words == nullptr || own_prompt) return false;
  if (!memory_.ask_final(text_of(std::get<Message>(words->body)), now)) return false;
  awaited_ = AwaitedNote{reply, std::nullopt, now + context_.limits->memory_note_max};
  if (next != nullptr) awaited_->next = *next;
  return true;
}

void SessionMemory::place_note(const ConversationItem* next) {
  const ConversationItem* words = next != nullptr ? next : last_words_of_user();
  if (!memory_.on() || words == nullptr) return;
  if (!words_read_) memory_.move_late_ahead();
  history_->set_note(words->id, memory_.ahead_note(), memory_.late_note());
}

TurnMemory::About SessionMemory::on_answer(MemoryAnswer&& answer, Time now) {
  const TurnMemory::About about = memory_.on_answer(std::move(answer), now);
  if (about == TurnMemory::About::kAhead) history_->set_note(WireId(), memory_.ahead_note(), "");
  return about;
}

void SessionMemory::on_reply_over(const WireId& message, Time now) {
  keep_heard(now);
  heard_reply_ = HeardReply{message, now};
}

void SessionMemory::keep_heard(Time now) {
  if (!heard_reply_) return;
  const ConversationItem* item = conversation_->find(heard_reply_->item.view());
  heard_reply_.reset();
  if (item == nullptr) return;  // the client has deleted it
  memory_.keep(context_store::kAssistantSpeaker, text_of(std::get<Message>(item->body)), now);
}

void SessionMemory::pump(Time now) {
  if (heard_reply_ && now - heard_reply_->ended >= kTruncationMax) keep_heard(now);
  memory_.pump();
}

void SessionMemory::close(Reply* reply, Time now) {
  keep_heard(now);
  if (reply != nullptr && reply->message_id()) {
    memory_.keep(context_store::kAssistantSpeaker, reply->heard_text(now), now);
  }
  memory_.begin_turn();
  awaited_.reset();
}

}  // namespace antiphon::pipeline
