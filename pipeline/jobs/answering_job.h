#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/decoding/sampler.h"
#include "models/text/chat_template.h"
#include "models/text/tool_call_parser.h"
#include "models/text/utf8.h"
#include "models/token.h"
#include "pipeline/compute/token_request.h"
#include "pipeline/jobs/errand.h"
#include "pipeline/tool_use.h"

namespace antiphon::pipeline {

// What the language model is to go on with, and how.
struct Question {
  std::string system;
  std::vector<models::text::ChatMessage> messages;
  models::SamplingOptions sampling;
  std::uint64_t seed = 0;
  int tokens_max = 1;
  std::shared_ptr<const ToolUse> tools = nullptr;  // that the answer may call; null: none
};

// A written answer while it is made: the prompt is encoded on a lane, then the model's tokens come one by
// one.
//
// Owner:  one thread; it is told by the bell when to look. Its destructor cancels the rest and does not wait.
// Memory: a place for each token that the answer may have (40 bytes).
class Answering {
 public:
  Answering(SharedJobSeat seat, std::shared_ptr<JobBell> bell, Question question);
  ~Answering();
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;

  enum class Refusal : std::uint8_t { kNoRoom, kPromptTooLong, kFailed };
  struct News {
    std::string text;  // of the answer, since the last news, in whole characters
    std::vector<models::text::ToolCall> calls = {};  // likewise, after the text
    std::optional<TokenEnd> end = std::nullopt;
    std::optional<Refusal> refusal = std::nullopt;  // there will be no answer
  };
  // Goes on with what has come. Call it at first, and whenever the bell rang; not after an end or a refusal.
  News look(Time now);

  int prompt_tokens() const { return prompt_tokens_; }
  int answer_tokens() const { return answer_tokens_; }

 private:
  class Mailbox;
  class Picker;

  bool ask_for_prompt(Time now);
  void take_apart(News& news);
  std::optional<Refusal> ask_model(std::vector<models::Token> prompt, Time now);

  const SharedJobSeat seat_;
  Question question_;
  Errand<std::vector<models::Token>> encoding_;
  std::shared_ptr<Mailbox> mailbox_;
  models::text::ToolCallParser parser_;  // if there is something to call
  std::vector<models::text::ReplyEvent> parsed_;
  models::text::Utf8Stream characters_;
  bool started_ = false;
  bool asked_ = false;  // the model has the request and has not ended it
  int prompt_tokens_ = 0;
  int answer_tokens_ = 0;
};

}  // namespace antiphon::pipeline
