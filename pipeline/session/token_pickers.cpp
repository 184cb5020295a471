#include "pipeline/session/token_pickers.h"

#include <utility>

namespace antiphon::pipeline {

ReplyPicker::ReplyPicker(const models::text::ChatTemplate* chat, const models::SamplingOptions& options,
                         std::uint64_t seed)
    : chat_(chat), sampler_(options, seed) {}

std::optional<models::Token> ReplyPicker::pick(std::span<const float> logits) {
  const models::Token token = sampler_.sample(logits, history_);
  if (chat_->ends_reply(token)) return std::nullopt;
  history_.push_back(token);
  return token;
}

MessageEndPicker::MessageEndPicker(const models::text::MessageEndCue* cue,
                                   std::shared_ptr<MessageEndResult> result)
    : cue_(cue), result_(std::move(result)) {}

std::optional<models::Token> MessageEndPicker::pick(std::span<const float> logits) {
  result_->log_probability.store(cue_->log_probability(logits), std::memory_order_relaxed);
  return std::nullopt;
}

}  // namespace antiphon::pipeline
