// How a session's requests to the language model choose tokens.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "models/decoding/sampler.h"
#include "models/text/chat_template.h"
#include "models/text/message_end_cue.h"
#include "pipeline/compute/token_request.h"

namespace antiphon::pipeline {

// The tokens of a spoken reply, until the model ends it.  The template outlives it.
class ReplyPicker final : public TokenPicker {
 public:
  ReplyPicker(const models::text::ChatTemplate* chat, const models::SamplingOptions& options,
              std::uint64_t seed);
  std::optional<models::Token> pick(std::span<const float> logits) override;

 private:
  const models::text::ChatTemplate* const chat_;
  models::Sampler sampler_;
  std::vector<models::Token> history_;
};

// What a MessageEndPicker found; read it when the request has ended.
struct MessageEndResult {
  std::atomic<float> log_probability = 0;
};

// Picks nothing: reads from the first scores how likely the user's message ends here.
class MessageEndPicker final : public TokenPicker {
 public:
  MessageEndPicker(const models::text::MessageEndCue* cue, std::shared_ptr<MessageEndResult> result);
  std::optional<models::Token> pick(std::span<const float> logits) override;

 private:
  const models::text::MessageEndCue* const cue_;
  const std::shared_ptr<MessageEndResult> result_;  // shared with the session, which may drop it first
};

}  // namespace antiphon::pipeline
