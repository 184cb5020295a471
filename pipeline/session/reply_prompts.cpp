#include "pipeline/session/reply_prompts.h"

#include <memory>
#include <span>
#include <utility>
#include <variant>

namespace antiphon::pipeline {
namespace {

// The client's own instructions, and what suits the model.
models::text::AssistantPrompt with_instructions(models::text::AssistantPrompt prompt,
                                                const std::string& instructions) {
  prompt.system = instructions;
  prompt.examples.clear();
  return prompt;
}

std::span<const std::string> announced(const std::shared_ptr<const ToolUse>& tools) {
  return tools ? tools->announcements() : std::span<const std::string>();
}

}  // namespace

ConversationItem spoken_by_user(const std::string& text) {
  ContentPart part;
  part.kind = ContentPart::Kind::kInputAudio;
  part.transcript = text;
  return {WireId(), ItemStatus::kCompleted, Message{Role::kUser, {std::move(part)}}};
}

ReplyPrompts::ReplyPrompts(const Networks* networks, const SessionSettings* settings,
                           const Conversation* conversation)
    : networks_(networks), settings_(settings), conversation_(conversation), history_(networks->chat) {
  set_opening();
}

void ReplyPrompts::set_opening() {
  const models::text::AssistantPrompt& assistant = *networks_->assistant;
  const std::string& instructions = settings_->config().instructions;
  const bool own = instructions != assistant.system;
  history_.set_opening(own ? with_instructions(assistant, instructions) : assistant,
                       announced(settings_->tools()));
}

std::vector<models::Token> ReplyPrompts::so_far() {
  return history_.tokens(conversation_->items(), nullptr, settings_->prompt_tokens_max(nullptr));
}

std::vector<models::Token> ReplyPrompts::open(std::string_view words) {
  const std::string_view open = models::text::MessageEndCue::open_text(words);
  if (open.empty()) return {};
  return history_.open_tokens(conversation_->items(), spoken_by_user(std::string(open)),
                              settings_->prompt_tokens_max(nullptr));
}

std::vector<models::Token> ReplyPrompts::reply(const ResponseWish* wish, const ConversationItem* next) {
  std::vector<models::Token> prompt;
  const int tokens_max = settings_->prompt_tokens_max(wish);
  if (wish == nullptr || !wish->has_own_prompt()) {
    prompt = history_.tokens(conversation_->items(), next, tokens_max);
  } else {
    PromptHistory history(networks_->chat);
    history.set_opening({wish->overrides.instructions.value_or(settings_->config().instructions), {}},
                        announced(wish->tools));
    prompt = history.tokens(items_of(wish->overrides), next, tokens_max);
  }
  networks_->chat->append_reply_start(&prompt);
  return prompt;
}

// What such a reply's prompt consists of.
std::vector<ConversationItem> ReplyPrompts::items_of(const ResponseOverrides& overrides) const {
  if (!overrides.input) return {conversation_->items().begin(), conversation_->items().end()};
  std::vector<ConversationItem> items;
  for (const ResponseInput& input : *overrides.input) {
    if (const auto* item = std::get_if<ConversationItem>(&input)) items.push_back(*item);
    const auto* reference = std::get_if<ItemReference>(&input);
    const ConversationItem* known = reference ? conversation_->find(reference->id.view()) : nullptr;
    if (known != nullptr) items.push_back(*known);
  }
  return items;
}

}  // namespace antiphon::pipeline
