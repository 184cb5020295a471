#include "server/commands/conversation.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/text/utf8.h"

namespace antiphon::server {
namespace {

constexpr models::Slot kOpening{0};
constexpr models::Slot kTalk{1};
using Clock = std::chrono::steady_clock;

// False if it was stopped; then the slots are as before.
bool run(models::Stepped<void> work, const std::function<bool()>& stopped) {
  while (!work.step()) {
    if (stopped()) return false;
  }
  return true;
}

}  // namespace

Conversation::Conversation(models::LanguageModel& model, const models::text::Tokenizer& tokenizer,
                           const models::text::ChatTemplate& chat_template,
                           const models::text::AssistantPrompt& prompt, const Options& options)
    : model_(model),
      tokenizer_(tokenizer),
      template_(chat_template),
      options_(options),
      sampler_(options.sampling, options.seed) {
  assert(model.slots() >= 2);
  const std::vector<models::Token> opening = prompt.tokens(chat_template);
  opening_tokens_ = static_cast<int>(opening.size());
  if (opening_tokens_ + options.reply_tokens_max >= model.context_tokens_max()) {
    throw std::runtime_error("the system text and the longest reply do not fit into the context of " +
                             std::to_string(model.context_tokens_max()) + " tokens");
  }
  if (!opening.empty()) forward(kOpening, opening).run_to_end();
  reset();
}

models::Stepped<void> Conversation::forward(models::Slot slot, std::span<const models::Token> tokens) {
  return model_.forward_shared(models::rows_of(slot, tokens), options_.sharing);
}

void Conversation::reset() {
  model_.reset(kTalk);
  model_.copy_prefix(kOpening, kTalk, opening_tokens_).run_to_end();
  tokens_.clear();
  history_.clear();
  read_ = 0;
}

Conversation::Reply Conversation::reply(std::string_view message, const Hooks& hooks) {
  Reply reply;
  const std::size_t before = tokens_.size();
  template_.append({models::text::ChatRole::kUser, std::string(message)}, &tokens_);
  template_.append_reply_start(&tokens_);
  history_.push_back({static_cast<int>(tokens_.size() - before), true});
  if (!make_room(&reply) || !read_prompt(hooks, &reply)) {
    take_back_turn();
    return reply;
  }
  const std::size_t begin = tokens_.size();
  generate(hooks, &reply);
  template_.append_reply_end(&tokens_);
  history_.push_back({static_cast<int>(tokens_.size() - begin), false});
  return reply;
}

// Drops old turns until the newest has room for its reply. False if it alone is too long.
bool Conversation::make_room(Reply* reply) {
  constexpr int kReplyEndMax = 8;
  const int room = model_.context_tokens_max() - opening_tokens_ - options_.reply_tokens_max - kReplyEndMax;
  if (history_.back().tokens > room) {
    reply->end = Reply::End::kMessageTooLong;
    return false;
  }
  const int kept_max = std::min(room, options_.history_tokens_max);
  const auto [first_kept, kept] = models::text::cut_history(history_, kept_max, kept_max / 2);
  if (first_kept == 0) return true;
  const auto kept_items = std::span(history_).subspan(first_kept);
  reply->turns_dropped = static_cast<std::size_t>(std::ranges::count_if(
      std::span(history_).first(first_kept), [](const auto& item) { return item.starts_turn; }));
  tokens_.erase(tokens_.begin(), tokens_.end() - kept);
  history_ = {kept_items.begin(), kept_items.end()};
  read_ = 0;
  model_.truncate(kTalk, opening_tokens_);
  return true;
}

// False if it was stopped.
bool Conversation::read_prompt(const Hooks& hooks, Reply* reply) {
  const Clock::time_point start = Clock::now();
  const auto unread = std::span<const models::Token>(tokens_).subspan(read_);
  if (!run(forward(kTalk, unread), hooks.stopped)) {
    reply->end = Reply::End::kStopped;
    return false;
  }
  reply->prompt_tokens = static_cast<int>(unread.size());
  read_ = tokens_.size();
  reply->first_token = Clock::now() - start;
  return true;
}

void Conversation::generate(const Hooks& hooks, Reply* reply) {
  models::text::Utf8Stream characters;
  const Clock::time_point start = Clock::now();
  for (;;) {
    const models::Token token = sampler_.sample(model_.logits(kTalk), tokens_);
    if (template_.ends_reply(token)) break;
    tokens_.push_back(token);
    std::string text;
    characters.push(tokenizer_.bytes(token), &text);
    if (!text.empty()) hooks.on_text(text);
    if (++reply->reply_tokens == 1) reply->first_token += Clock::now() - start;
    if (reply->reply_tokens == options_.reply_tokens_max) reply->end = Reply::End::kTokenLimit;
    if (hooks.stopped()) reply->end = Reply::End::kStopped;
    if (reply->end != Reply::End::kDone) break;
    forward(kTalk, std::span(&token, 1)).run_to_end();
    read_ = tokens_.size();
  }
  std::string rest;
  characters.finish(&rest);
  if (!rest.empty()) hooks.on_text(rest);
  reply->generation = Clock::now() - start;
}

void Conversation::take_back_turn() {
  tokens_.resize(tokens_.size() - static_cast<std::size_t>(history_.back().tokens));
  history_.pop_back();
}

}  // namespace antiphon::server
