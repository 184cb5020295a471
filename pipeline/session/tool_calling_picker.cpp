#include "pipeline/session/tool_calling_picker.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "pipeline/session/token_pickers.h"

namespace antiphon::pipeline {
namespace {

using models::Token;

constexpr std::string_view kTag = "<tool_call>";
constexpr std::string_view kSpaces = " \t\r\n";

std::vector<Token> tag_tokens(const models::text::Tokenizer& tokenizer) {
  if (const auto token = tokenizer.special(kTag)) return {*token};
  return tokenizer.encode(kTag);
}

models::TokenMask all_tokens(int vocabulary) {
  models::TokenMask mask(vocabulary);
  for (Token token = 0; token < vocabulary; ++token) mask.add(token);
  return mask;
}

}  // namespace

std::unique_ptr<TokenPicker> reply_picker(const Networks& networks, const models::SamplingOptions& sampling,
                                          std::uint64_t seed, std::shared_ptr<const ToolUse> tools) {
  if (!tools) return std::make_unique<ReplyPicker>(networks.chat, sampling, seed);
  return std::make_unique<ToolCallingPicker>(networks, sampling, seed, std::move(tools));
}

ToolCallingPicker::ToolCallingPicker(const Networks& networks, const models::SamplingOptions& sampling,
                                     std::uint64_t seed, std::shared_ptr<const ToolUse> tools)
    : networks_(networks),
      tools_(std::move(tools)),
      tag_(tag_tokens(*networks.tokenizer)),
      sampler_(sampling, seed) {
  if (tools_->calls() == ToolUse::Calls::kAtLeastOne) tag_left_ = tag_;
}

std::optional<Token> ToolCallingPicker::pick(std::span<const float> logits) {
  if (call_ && call_->done()) {
    call_.reset();
    called_ = true;
    text_.clear();
    if (tools_->calls() == ToolUse::Calls::kAtLeastOne) return std::nullopt;
  }
  if (call_) return pick_in_call(logits);
  if (!tag_left_.empty()) return next_of_tag();
  return pick_text(logits);
}

Token ToolCallingPicker::next_of_tag() {
  const Token token = tag_left_.front();
  tag_left_ = tag_left_.subspan(1);
  if (tag_left_.empty()) call_.emplace(*networks_.tool_vocabulary, tools_->grammar());
  return token;
}

Token ToolCallingPicker::pick_in_call(std::span<const float> logits) {
  const Token token = sampler_.sample(logits, {}, &call_->allowed());
  call_->accept(token);
  return token;
}

std::optional<Token> ToolCallingPicker::pick_text(std::span<const float> logits) {
  const Token token = sample_text(logits);
  if (networks_.chat->ends_reply(token)) return std::nullopt;
  if (call_) return token;  // it completed the tag
  const std::string_view bytes = networks_.tokenizer->bytes(token);
  const std::size_t first = bytes.find_first_not_of(kSpaces);
  const bool begins =
      first != std::string_view::npos && text_.find_first_not_of(kSpaces) == std::string::npos;
  if (begins && may_call() && (bytes[first] == '<' || bytes[first] == '{')) {
    tag_left_ = tag_;
    return next_of_tag();
  }
  if (begins && called_) return std::nullopt;
  text_ += bytes;
  history_.push_back(token);
  return token;
}

Token ToolCallingPicker::sample_text(std::span<const float> logits) {
  Token token = sampler_.sample(logits, history_);
  if (takes(token)) return token;
  models::TokenMask allowed = all_tokens(static_cast<int>(logits.size()));
  do {
    allowed.remove(token);
    token = sampler_.sample(logits, history_, &allowed);
  } while (!takes(token));
  return token;
}

// Whether the token may come next; if it completes the tag, the call has begun.
bool ToolCallingPicker::takes(Token token) {
  const std::string_view bytes = networks_.tokenizer->bytes(token);
  const std::size_t before = std::min(text_.size(), kTag.size() - 1);
  const std::string end = text_.substr(text_.size() - before) + std::string(bytes);
  const std::size_t tag = end.find(kTag);
  if (tag == std::string::npos) return true;
  if (!may_call()) return false;
  call_.emplace(*networks_.tool_vocabulary, tools_->grammar());
  if (call_->accept_text(std::string_view(end).substr(tag + kTag.size()))) return true;
  call_.reset();
  return false;
}

}  // namespace antiphon::pipeline
