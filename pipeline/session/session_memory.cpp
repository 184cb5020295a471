// What the user's memory has to do with a turn: asked while they speak and again about the final words, and
// told afterwards what was said and heard.
#include <algorithm>
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {
namespace {

// A client may still say how much of a reply it played, which cuts the item to it.
constexpr std::chrono::milliseconds kTruncationMax{1500};

bool is_spoken(const Message& message) {
  return std::ranges::any_of(message.content, [](const ContentPart& part) { return part.is_audio(); });
}

}  // namespace

void Session::begin_memory_turn() {
  memory_.begin_turn();
  history_.set_note(WireId(), "", "");
  ahead_words_.clear();
  words_read_ = false;
}

// Reads the words so far with what the memory has to say to them before them.
void Session::hear_ahead(const std::string& hypothesis, Time now) {
  ahead_words_ = hypothesis;
  if (!memory_.ask_ahead(hypothesis, now)) read_ahead(hypothesis);
}

// The user's message that a reply would answer now; null: the last word is not theirs.
const ConversationItem* Session::last_words_of_user() const {
  const auto items = conversation_.items();
  for (auto item = items.rbegin(); item != items.rend(); ++item) {
    const auto* message = std::get_if<Message>(&item->body);
    if (message == nullptr) return nullptr;
    if (text_of(*message).empty()) continue;
    return message->role == Role::kUser ? &*item : nullptr;
  }
  return nullptr;
}

// What the user has written and nobody has answered yet is told to the memory, whatever prompt it is answered
// with.
void Session::keep_typed_words(Time now) {
  const auto items = conversation_.items();
  auto first = items.end();
  for (; first != items.begin() && (first - 1)->id != typed_item_; --first) {
    const auto* message = std::get_if<Message>(&(first - 1)->body);
    if (message == nullptr || message->role != Role::kUser || is_spoken(*message)) break;
  }
  if (first == items.end()) return;
  typed_item_ = items.back().id;
  begin_memory_turn();
  words_read_ = true;  // when they came
  remember_reply(now);
  for (; first != items.end(); ++first) {
    memory_.keep(context_store::kUserSpeaker, text_of(std::get<Message>(first->body)), now);
  }
}

// Whether the reply is written later: with the memory's answer, or without it at its deadline.
bool Session::await_note(const ConversationItem* next, Time now) {
  if (!memory_.on()) return false;
  if (awaited_note_ && awaited_note_->generation == reply_->generation()) {
    if (next == nullptr) awaited_note_->next.reset();
    return true;
  }
  if (next == nullptr) keep_typed_words(now);
  const ConversationItem* words = next != nullptr ? next : last_words_of_user();
  if (words == nullptr || has_own_prompt(reply_wish())) return false;
  if (!memory_.ask_final(text_of(std::get<Message>(words->body)), now)) return false;
  awaited_note_ = AwaitedNote{reply_->generation(), std::nullopt, now + context_.limits->memory_note_max};
  if (next != nullptr) awaited_note_->next = *next;
  return true;
}

// Notes what the memory says to the words that are about to be answered.
void Session::place_note(const ConversationItem* next) {
  const ConversationItem* words = next != nullptr ? next : last_words_of_user();
  if (!memory_.on() || words == nullptr) return;
  if (!words_read_) memory_.move_late_ahead();
  history_.set_note(words->id, memory_.ahead_note(), memory_.late_note());
}

void Session::on_memory(MemoryAnswer&& answer, Time now) {
  const TurnMemory::About about = memory_.on_answer(std::move(answer), now);
  if (closed_) return;
  if (about == TurnMemory::About::kAhead) {
    history_.set_note(WireId(), memory_.ahead_note(), "");
    read_ahead(ahead_words_);
  } else if (about == TurnMemory::About::kFinal && awaited_note_) {
    go_on_writing(now);
  }
}

void Session::go_on_writing(Time now) {
  const AwaitedNote awaited = *std::exchange(awaited_note_, std::nullopt);
  const bool wanted = reply_ && reply_->generation() == awaited.generation;
  if (!wanted || reply_->writing() || reply_->over()) return;
  write_reply_now(awaited.next ? &*awaited.next : nullptr, now);
}

std::optional<Time> Session::wake_at() const {
  if (closed_ || !awaited_note_) return std::nullopt;
  return awaited_note_->until;
}

void Session::on_wake(Time now) {
  memory_.give_up_final();
  go_on_writing(now);
  pump(now);
}

void Session::remember_reply(Time now) {
  if (!heard_reply_) return;
  const ConversationItem* item = conversation_.find(heard_reply_->item.view());
  heard_reply_.reset();
  if (item == nullptr) return;  // the client has deleted it
  memory_.keep(context_store::kAssistantSpeaker, text_of(std::get<Message>(item->body)), now);
}

void Session::pump_memory(Time now) {
  if (heard_reply_ && now - heard_reply_->ended >= kTruncationMax) remember_reply(now);
  memory_.pump();
}

}  // namespace antiphon::pipeline
