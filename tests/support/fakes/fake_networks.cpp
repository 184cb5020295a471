#include "tests/support/fakes/fake_networks.h"

namespace antiphon::fakes {

using models::Slot;

void FakeTurnDetector::append(Slot slot, std::span<const float> audio) {
  heard_[static_cast<std::size_t>(models::index(slot))] += audio.size();
}

void FakeTurnDetector::reset(Slot slot) {
  heard_[static_cast<std::size_t>(models::index(slot))] = 0;
}

models::Stepped<float> FakeTurnDetector::probability(Slot slot) const {
  const std::size_t windows = heard_[static_cast<std::size_t>(models::index(slot))] / 512;
  return [](bool complete) -> models::Stepped<float> {
    co_await models::kNextStep;
    co_return complete ? 0.97F : 0.05F;
  }(windows % 2 == 0);
}

namespace {

models::text::AssistantPrompt assistant_prompt() {
  models::text::AssistantPrompt prompt;
  prompt.system = "Be short.";
  prompt.examples = {{models::text::ChatRole::kUser, "Hi.", {}},
                     {models::text::ChatRole::kAssistant, "Hi.", {}}};
  prompt.reply_tokens_max = 60;
  return prompt;
}

}  // namespace

FakeNetworks::FakeNetworks(int slots, int context_tokens_max, FaultList* faults)
    : chat_(models::text::ChatFamily::kChatMl, tokenizer_),
      tool_vocabulary_(tokenizer_.all_bytes()),
      message_end_(tokenizer_, chat_),
      assistant_(assistant_prompt()),
      voice_activity_(slots),
      turn_(slots),
      language_model_(&tokenizer_, slots, context_tokens_max, faults) {}

pipeline::Networks FakeNetworks::networks() {
  pipeline::Networks networks;
  networks.voice_activity = &voice_activity_;
  networks.turn = &turn_;
  networks.recognizer = &recognizer_;
  networks.language_model = &language_model_;
  networks.tokenizer = &tokenizer_;
  networks.chat = &chat_;
  networks.tool_vocabulary = &tool_vocabulary_;
  networks.message_end = &message_end_;
  networks.pronouncer = &pronunciation_;
  networks.synthesizer = &synthesizer_;
  networks.assistant = &assistant_;
  return networks;
}

}  // namespace antiphon::fakes
