#include "models/text/assistant_prompt.h"

namespace antiphon::models::text {
namespace {

constexpr const char* kSystem =
    "You are a friendly voice assistant. What you write is spoken aloud, so answer in one or two short plain "
    "sentences, without lists, headings or code.";

std::vector<ChatMessage> example_exchanges() {
  return {
      {ChatRole::kUser, "Hi there!"},
      {ChatRole::kAssistant, "Hello! How can I help you today?"},
      {ChatRole::kUser, "What is the largest ocean?"},
      {ChatRole::kAssistant, "The largest ocean is the Pacific Ocean."},
      {ChatRole::kUser, "I'm feeling a bit tired."},
      {ChatRole::kAssistant, "I'm sorry to hear that. A short walk or a glass of water might help."},
      {ChatRole::kUser, "Thanks, that's all."},
      {ChatRole::kAssistant, "You're welcome! Have a nice day."},
  };
}

}  // namespace

std::vector<Token> AssistantPrompt::tokens(const ChatTemplate& chat_template,
                                           std::span<const std::string> tools) const {
  std::vector<Token> tokens = chat_template.opening(system, tools);
  for (const ChatMessage& message : examples) chat_template.append(message, &tokens);
  return tokens;
}

AssistantPrompt spoken_assistant_prompt(std::size_t weight_bytes) {
  if (weight_bytes >= kExamplesBelowBytes) return {.system = kSystem, .examples = {}};
  return {.system = kSystem,
          .examples = example_exchanges(),
          .history_tokens_max = 100,
          .reply_tokens_max = 60,
          .repetition_penalty = 1.1F,
          .late_quotes = false};
}

}  // namespace antiphon::models::text
