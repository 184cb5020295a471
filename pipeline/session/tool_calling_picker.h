#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/decoding/sampler.h"
#include "models/decoding/token_constraint.h"
#include "pipeline/compute/token_request.h"
#include "pipeline/engine/networks.h"
#include "pipeline/tool_use.h"

namespace antiphon::pipeline {

// The picker of a reply: with functions to call, or without any (`tools` null). The networks outlive it.
std::unique_ptr<TokenPicker> reply_picker(const Networks& networks, const models::SamplingOptions& sampling,
                                          std::uint64_t seed, std::shared_ptr<const ToolUse> tools);

// The tokens of a reply that may call functions: text as the model likes, and from "<tool_call>" on only what
// makes a call of the grammar, so that every call that it ends can be understood.
//
// Models forget the tag that they were told: a reply, or what comes after a call, that begins with a bracket
// of any kind is made to begin with the tag. What else comes after a call ends the reply.
//
// Time: in a call some ms for a token (ConstraintVocabulary), otherwise as a ReplyPicker.
class ToolCallingPicker final : public TokenPicker {
 public:
  // REQUIRES: networks.tool_vocabulary and tools are not null.
  ToolCallingPicker(const Networks& networks, const models::SamplingOptions& sampling, std::uint64_t seed,
                    std::shared_ptr<const ToolUse> tools);
  std::optional<models::Token> pick(std::span<const float> logits) override;

 private:
  std::optional<models::Token> pick_text(std::span<const float> logits);
  models::Token pick_in_call(std::span<const float> logits);
  models::Token next_of_tag();
  models::Token sample_text(std::span<const float> logits);
  bool takes(models::Token token);
  bool may_call() const { return tools_->calls() != ToolUse::Calls::kNever; }

  const Networks& networks_;
  const std::shared_ptr<const ToolUse> tools_;
  const std::vector<models::Token> tag_;
  models::Sampler sampler_;
  std::vector<models::Token> history_;       // of text
  std::string text_;                         // since the reply's beginning or its last call
  std::span<const models::Token> tag_left_;  // to be written, whatever the model likes
  std::optional<models::TokenConstraint> call_;
  bool called_ = false;
};

}  // namespace antiphon::pipeline
