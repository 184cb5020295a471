#include "pipeline/session/prompt_history.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "models/text/prompt_window.h"

namespace antiphon::pipeline {
namespace {

using models::text::ChatMessage;
using models::text::ChatRole;

ChatRole role_of(Role role) {
  if (role == Role::kSystem) return ChatRole::kSystem;
  return role == Role::kUser ? ChatRole::kUser : ChatRole::kAssistant;
}

ChatMessage chat_message(const ConversationItem& item) {
  if (const auto* call = std::get_if<FunctionCall>(&item.body)) {
    return {ChatRole::kAssistant, "", {{call->name, call->arguments}}};
  }
  if (const auto* output = std::get_if<FunctionCallOutput>(&item.body)) {
    return {ChatRole::kTool, output->output, {}};
  }
  const auto& message = std::get<Message>(item.body);
  return {role_of(message.role), text_of(message), {}};
}

bool is_spoken_by_user(const ConversationItem& item) {
  const auto* message = std::get_if<Message>(&item.body);
  return message != nullptr && message->role == Role::kUser &&
         std::ranges::any_of(message->content, [](const ContentPart& part) { return part.is_audio(); });
}

bool same(const ChatMessage& a, const ChatMessage& b) {
  const auto same_call = [](const models::text::ToolCall& x, const models::text::ToolCall& y) {
    return x.name == y.name && x.arguments == y.arguments;
  };
  return a.role == b.role && a.text == b.text && std::ranges::equal(a.calls, b.calls, same_call);
}

// With a note before or behind it.
bool is_of_user(std::span<const ChatMessage> messages) {
  return std::ranges::count(messages, ChatRole::kUser, &ChatMessage::role) > 0;
}

constexpr std::size_t kNotesMax = 100;  // older ones are far behind what a context holds

}  // namespace

void PromptHistory::set_note(const WireId& item, std::string before, std::string behind) {
  std::erase_if(notes_, [&](const Note& note) { return note.item == item; });
  if (before.empty() && behind.empty()) return;
  if (notes_.size() == kNotesMax) notes_.erase(notes_.begin());
  notes_.push_back({item, std::move(before), std::move(behind)});
}

void PromptHistory::name_spoken(const WireId& item) {
  for (Note& note : notes_) {
    if (note.item.empty()) note.item = item;
  }
}

PromptHistory::Note PromptHistory::note_of(const WireId& item) const {
  const auto note = std::ranges::find(notes_, item, &Note::item);
  return note != notes_.end() ? *note : Note{};
}

void PromptHistory::add_to(std::vector<Group>* groups, const ConversationItem& item,
                           bool* after_speech) const {
  const bool is_call = std::holds_alternative<FunctionCall>(item.body);
  if (is_call && item.status != ItemStatus::kCompleted) return;
  ChatMessage message = chat_message(item);
  if (message.text.empty() && message.calls.empty() && message.role != ChatRole::kTool) return;
  const bool spoken = is_spoken_by_user(item);
  Note note = message.role == ChatRole::kUser ? note_of(item.id) : Note{};
  if (!note.before.empty() || !note.behind.empty()) {
    Group group{{}, {}, item.id};
    if (!note.before.empty()) group.messages.push_back({ChatRole::kSystem, std::move(note.before), {}});
    group.messages.push_back(std::move(message));
    if (!note.behind.empty()) group.messages.push_back({ChatRole::kSystem, std::move(note.behind), {}});
    groups->push_back(std::move(group));
  } else if (spoken && *after_speech && groups->back().messages.back().role == ChatRole::kUser) {
    groups->back().messages.back().text += " " + message.text;
  } else if (message.role == ChatRole::kTool && !groups->empty() &&
             groups->back().messages.back().role == ChatRole::kTool) {
    groups->back().messages.push_back(std::move(message));
  } else if (!message.calls.empty() && !groups->empty() &&
             groups->back().messages.back().role == ChatRole::kAssistant) {
    groups->back().messages.back().calls.push_back(std::move(message.calls.front()));
  } else {
    groups->push_back({{std::move(message)}, {}, item.id});
  }
  *after_speech = spoken;
}

std::vector<PromptHistory::Group> PromptHistory::grouped(std::span<const ConversationItem> items,
                                                         const ConversationItem* next) const {
  std::vector<Group> groups;
  bool after_speech = false;
  for (const ConversationItem& item : items) add_to(&groups, item, &after_speech);
  if (next != nullptr) add_to(&groups, *next, &after_speech);
  return groups;
}

bool PromptHistory::ends_with_user() const {
  return !groups_.empty() && is_of_user(groups_.back().messages);
}

void PromptHistory::encode(std::vector<Group> groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i < groups_.size() && std::ranges::equal(groups[i].messages, groups_[i].messages, same)) {
      groups[i].tokens = std::move(groups_[i].tokens);
    } else {
      chat_->append(groups[i].messages, &groups[i].tokens);
    }
  }
  groups_ = std::move(groups);
}

std::vector<models::Token> PromptHistory::tokens(std::span<const ConversationItem> items,
                                                 const ConversationItem* next, int tokens_max) {
  const auto cut = std::ranges::find(items, cut_before_, &ConversationItem::id);
  if (cut != items.end()) items = items.subspan(static_cast<std::size_t>(cut - items.begin()));
  encode(grouped(items, next));
  const std::size_t first = first_kept(tokens_max - static_cast<int>(opening_.size()));
  if (first > 0) {
    groups_.erase(groups_.begin(), groups_.begin() + static_cast<std::ptrdiff_t>(first));
    cut_before_ = groups_.front().first_item;
  }
  std::vector<models::Token> all = opening_;
  for (const Group& group : groups_) all.insert(all.end(), group.tokens.begin(), group.tokens.end());
  return all;
}

std::vector<models::Token> PromptHistory::open_tokens(std::span<const ConversationItem> items,
                                                      const ConversationItem& next, int tokens_max) {
  std::vector<models::Token> prompt = tokens(items, &next, tokens_max);
  const auto end = std::find(prompt.rbegin(), prompt.rend(), chat_->message_end());
  assert(end != prompt.rend());
  prompt.erase(end.base() - 1, prompt.end());
  return prompt;
}

std::size_t PromptHistory::first_kept(int room) {
  std::vector<models::text::HistoryItem> sizes;
  sizes.reserve(groups_.size());
  for (const Group& group : groups_) {
    sizes.push_back({static_cast<int>(group.tokens.size()), is_of_user(group.messages)});
  }
  if (sizes.empty()) return 0;
  const int tokens_max = std::clamp(room, 0, history_tokens_max_);
  const std::size_t first = models::text::cut_history(sizes, tokens_max, tokens_max / 2).first_kept;
  return std::min(first, groups_.size() - 1);
}

}  // namespace antiphon::pipeline
