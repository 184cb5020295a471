#include <algorithm>
#include <cassert>
#include <utility>

#include "models/stand_ins/speaking.h"

namespace antiphon::models::stand_ins {
namespace {

constexpr float kSure = 30.0F;  // a logit beside zeros

}  // namespace

EchoLanguageModel::EchoLanguageModel(const WordTokenizer* tokenizer, int slots, int context_tokens_max,
                                     const StepTimes& times)
    : tokenizer_(tokenizer),
      context_tokens_max_(context_tokens_max),
      times_(times),
      user_(tokenizer->encode("user\n").front()),
      assistant_(tokenizer->encode("assistant\n").front()),
      slots_(static_cast<std::size_t>(slots)) {
  info_.name = "fake";
  info_.vocabulary = tokenizer->size();
  info_.weight_bytes = 1'000'000'000;  // a large model: it needs no examples
}

Stepped<void> EchoLanguageModel::forward(std::vector<TokenRow> rows) {
  assert(!rows.empty());
  return [](EchoLanguageModel* model, std::vector<TokenRow> to_append) -> Stepped<void> {
    model->times_.pass(model->times_.language);
    co_await kNextStep;
    for (const TokenRow& row : to_append) model->append(row);
  }(this, std::move(rows));
}

void EchoLanguageModel::append(const TokenRow& row) {
  State& state = at(row.slot);
  assert(length(row.slot) < context_tokens_max_);
  state.tokens.push_back(row.token);
  if (!row.wants_logits) return;
  state.logits.assign(static_cast<std::size_t>(tokenizer_->size()), 0.0F);
  state.logits[static_cast<std::size_t>(next_token(state.tokens))] = kSure;
}

Token EchoLanguageModel::next_token(const std::vector<Token>& tokens) const {
  const auto after_role = [&tokens](Token role) {
    return std::find(tokens.rbegin(), tokens.rend(), role).base();  // begin() if there is none
  };
  const auto reply = after_role(assistant_);
  const auto user = after_role(user_);
  if (user >= reply) return tokenizer_->message_end();  // is the user's message complete?
  std::vector<Token> words;
  for (auto at = user; at != tokens.end() && *at != tokenizer_->message_end(); ++at) {
    if (WordTokenizer::is_word(*at)) words.push_back(*at);
  }
  const auto written = tokens.end() - reply;
  if (words.empty() || written >= kReplyWords) return tokenizer_->message_end();
  const Token word = words[static_cast<std::size_t>(written) % words.size()];
  return written == 0 ? word : WordTokenizer::with_space(word);
}

void EchoLanguageModel::truncate(Slot slot, int length) {
  assert(length >= 0 && length <= this->length(slot));
  at(slot).tokens.resize(static_cast<std::size_t>(length));
}

Stepped<void> EchoLanguageModel::copy_prefix(Slot from, Slot to, int length) {
  at(to).tokens.assign(at(from).tokens.begin(), at(from).tokens.begin() + length);
  co_return;
}

}  // namespace antiphon::models::stand_ins
