#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "models/text/chat_template.h"
#include "models/token.h"

namespace antiphon::models::text {

// What every conversation of an assistant begins with. Many conversations share it: read it once into a slot
// and copy it from there.
struct AssistantPrompt {
  std::string system;
  std::vector<ChatMessage> examples;  // user and assistant in turn: exchanges in the style that is wanted
  // What suits the model besides: how much of the talk it can follow, how long a reply may be, how much it
  // has to be kept from repeating itself (SamplingOptions), and whether it may read old turns behind the
  // user's words without repeating them.
  int history_tokens_max = std::numeric_limits<int>::max();
  int reply_tokens_max = 300;
  float repetition_penalty = 1;
  bool late_quotes = true;

  // `tools`: as for ChatTemplate::opening().
  std::vector<Token> tokens(const ChatTemplate& chat_template, std::span<const std::string> tools = {}) const;
};

// An assistant that is heard, not read: short plain sentences. A model below kExamplesBelowBytes gets example
// exchanges too: SmolLM2-135M answers 12 of 24 spoken questions sensibly with them and 5 without, while a
// large model needs none. It also loses itself in a long talk (from the tenth turn on it repeated one
// sentence for ever), so it is shown the last turn or two only.  `weight_bytes`: of the language model
// (LanguageModel::Info).
inline constexpr std::size_t kExamplesBelowBytes = 600'000'000;
AssistantPrompt spoken_assistant_prompt(std::size_t weight_bytes);

}  // namespace antiphon::models::text
