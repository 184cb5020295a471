#include "pipeline/compute/language_model_batcher.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace antiphon::pipeline {
namespace {

void add(std::atomic<std::uint64_t>& count, std::uint64_t more = 1) {
  count.fetch_add(more, std::memory_order_relaxed);
}

}  // namespace

LanguageModelBatcher::LanguageModelBatcher(models::LanguageModel* model, const Config& config)
    : model_(model),
      config_(config),
      // A request, its cancel, and as many again, since all messages are read before the next request ends.
      messages_(3 * static_cast<std::size_t>(config.requests_max),
                static_cast<std::size_t>(config.submitters_max)),
      places_(config.requests_max),
      front_(model, config.front_slot) {}

LanguageModelBatcher::~LanguageModelBatcher() {
  drop_pass();
  Message message;
  while (messages_.pop(message)) {
    if (message.request) active_.push_back({.request = std::move(*message.request)});
  }
  for (Active& active : active_) {
    if (!active.ended) end(active, TokenEnd::kCancelled);
  }
}

void LanguageModelBatcher::attach(ComputeExecutor* executor) {
  assert(executor_ == nullptr);
  id_ = executor->add_standing(this, TaskKind::kLanguageModel);
  executor_ = executor;
}

bool LanguageModelBatcher::submit(TokenRequest& request) {
  assert(request.sink != nullptr && (request.picker || request.tokens_max == 0));
  if (!places_.take()) {
    add(counts_.refused);
    return false;
  }
  Message message{.request = std::move(request)};
  if (!messages_.push(std::move(message))) {
    // NOLINTNEXTLINE(bugprone-use-after-move): what was not taken is as before
    request = std::move(*message.request);
    places_.give_back();
    add(counts_.refused);
    return false;
  }
  wake();
  return true;
}

bool LanguageModelBatcher::cancel(SessionId session, Generation generation, int slot_length_kept) {
  Message message{.session = session, .generation = generation, .slot_length_kept = slot_length_kept};
  if (!messages_.push(std::move(message))) return false;
  wake();
  return true;
}

// Reading a message takes no time, and only then is it known how urgent the work is.
void LanguageModelBatcher::wake() {
  if (executor_ != nullptr) executor_->wake(id_, Deadline::at_once());
}

LanguageModelBatcher::Counts LanguageModelBatcher::counts() const {
  const auto value = [](const std::atomic<std::uint64_t>& count) {
    return count.load(std::memory_order_relaxed);
  };
  return {value(counts_.passes),         value(counts_.passes_dropped), value(counts_.rows_decoded),
          value(counts_.rows_prefilled), value(counts_.rows_copied),    value(counts_.tokens_late),
          value(counts_.refused)};
}

std::optional<Deadline> LanguageModelBatcher::step(Time now) noexcept {
  // A step that read messages does no model work: another task may be more urgent than what they brought.
  if (!read_messages(now)) {
    if (!pass_) start_pass();
    if (pass_) step_pass(now);
  }
  std::erase_if(active_, [](const Active& active) { return active.ended; });
  return next_deadline();
}

bool LanguageModelBatcher::read_messages(Time now) {
  bool any = false;
  Message message;
  while (messages_.pop(message)) {
    any = true;
    if (message.request) {
      accept(std::move(*message.request), now);
    } else {
      mark_cancelled(message);
    }
  }
  if (any) end_cancelled();
  return any;
}

void LanguageModelBatcher::accept(TokenRequest request, Time now) {
  active_.push_back({.request = std::move(request)});
  Active& active = active_.back();
  const TokenRequest& wanted = active.request;
  assert(wanted.start_length <= model_->length(wanted.slot));
  model_->truncate(wanted.slot, wanted.start_length);
  const int room = model_->context_tokens_max() - wanted.start_length;
  if (wanted.append.size() > static_cast<std::size_t>(room)) {
    end(active, TokenEnd::kContextFull);
  } else if (wanted.append.empty()) {
    go_on(active, now);
  }
}

void LanguageModelBatcher::mark_cancelled(const Message& message) {
  for (Active& active : active_) {
    if (active.request.session != message.session || active.request.generation != message.generation)
      continue;
    active.cancelled_to = message.slot_length_kept;
  }
}

void LanguageModelBatcher::end_cancelled() {
  const bool pass_is_wanted = std::any_of(active_.begin(), active_.end(), [](const Active& active) {
    return active.rows_in_pass > 0 && !active.cancelled_to;
  });
  if (pass_ && !pass_is_wanted) {
    drop_pass();
    add(counts_.passes_dropped);
  }
  for (Active& active : active_) {
    if (!active.cancelled_to || active.rows_in_pass > 0 || active.ended) continue;
    const models::Slot slot = active.request.slot;
    model_->truncate(slot, std::clamp(*active.cancelled_to, 0, model_->length(slot)));
    end(active, TokenEnd::kCancelled);
  }
}

void LanguageModelBatcher::drop_pass() {
  pass_.reset();
  for (Active& active : active_) active.rows_in_pass = 0;
}

// Before each pass, since of many that came at once the first makes the opening known to the others.
void LanguageModelBatcher::borrow_front(Active& active) {
  const TokenRequest& request = active.request;
  if (active.ended || active.decoding() || request.start_length > 0) return;
  try {
    const std::size_t have = active.appended;
    active.appended = front_.lend(request.append, have, request.slot);
    add(counts_.rows_copied, active.appended - have);
  } catch (...) {
    end(active, TokenEnd::kFailed);
  }
}

void LanguageModelBatcher::start_pass() {
  for (Active& active : active_) borrow_front(active);
  std::erase_if(active_, [](const Active& active) { return active.ended; });
  std::vector<BatchWish> wishes;
  wishes.reserve(active_.size());
  for (const Active& active : active_) {
    const auto left = static_cast<int>(active.request.append.size() - active.appended);
    wishes.push_back({active.decoding() ? 1 : left, active.decoding(), due(active)});
  }
  const std::vector<int> plan = plan_batch(wishes, config_.limits);
  std::vector<models::TokenRow> rows;
  for (std::size_t i = 0; i < active_.size(); ++i) {
    active_[i].rows_in_pass = plan[i];
    append_rows(active_[i], rows);
  }
  if (rows.empty()) return;
  add(counts_.passes);
  try {
    models::WorkSharing* const sharing = executor_ != nullptr ? &executor_->sharing() : nullptr;
    pass_.emplace(model_->forward_shared(std::move(rows), sharing));
  } catch (...) {
    fail_pass();
  }
}

void LanguageModelBatcher::append_rows(const Active& active, std::vector<models::TokenRow>& rows) {
  const TokenRequest& request = active.request;
  if (active.decoding()) {
    if (active.rows_in_pass > 0) rows.push_back({request.slot, active.last_token, true});
    add(counts_.rows_decoded, static_cast<std::uint64_t>(active.rows_in_pass));
    return;
  }
  for (int row = 0; row < active.rows_in_pass; ++row) {
    const std::size_t position = active.appended + static_cast<std::size_t>(row);
    rows.push_back({request.slot, request.append[position], position + 1 == request.append.size()});
  }
  add(counts_.rows_prefilled, static_cast<std::uint64_t>(active.rows_in_pass));
}

void LanguageModelBatcher::step_pass(Time now) {
  try {
    if (!pass_->step()) return;
  } catch (...) {
    fail_pass();
    return;
  }
  pass_.reset();
  complete_pass(now);
}

void LanguageModelBatcher::complete_pass(Time now) {
  for (Active& active : active_) {
    const int rows = std::exchange(active.rows_in_pass, 0);
    if (rows == 0) continue;
    if (!active.decoding()) active.appended += static_cast<std::size_t>(rows);
    if (active.decoding() && !active.cancelled_to) go_on(active, now);
  }
  end_cancelled();
}

void LanguageModelBatcher::fail_pass() {
  pass_.reset();
  for (Active& active : active_) {
    if (std::exchange(active.rows_in_pass, 0) > 0) end(active, TokenEnd::kFailed);
  }
}

// What is read from the start for no reply yet is a session's opening.
void LanguageModelBatcher::keep_front(const TokenRequest& request) {
  if (request.start_length > 0) return;
  try {
    front_.keep(request.append, request.slot);
  } catch (...) {  // NOLINT(bugprone-empty-catch): then nothing is kept, and the request has all it wants
  }
}

// The slot's logits are those of the next token.
void LanguageModelBatcher::go_on(Active& active, Time now) {
  const TokenRequest& request = active.request;
  if (request.tokens_max == 0) {
    keep_front(request);
    end(active, TokenEnd::kPrefilled);
    return;
  }
  std::optional<models::Token> token;
  try {
    token = request.picker->pick(model_->logits(request.slot));
  } catch (...) {
    end(active, TokenEnd::kFailed);
    return;
  }
  if (!token) {
    end(active, TokenEnd::kStopped);
    return;
  }
  if (due(active).passed(now)) add(counts_.tokens_late);
  active.last_token = *token;
  ++active.produced;
  request.sink->deliver({request.session, request.generation, std::nullopt, *token, 0});
  if (active.produced == request.tokens_max) {
    end(active, TokenEnd::kTokenLimit);
  } else if (model_->length(request.slot) == model_->context_tokens_max()) {
    end(active, TokenEnd::kContextFull);
  }
}

void LanguageModelBatcher::end(Active& active, TokenEnd how) {
  assert(!active.ended && active.rows_in_pass == 0);
  active.ended = true;
  const TokenRequest& request = active.request;
  places_.give_back();
  request.sink->deliver({request.session, request.generation, how, 0, model_->length(request.slot)});
}

std::optional<Deadline> LanguageModelBatcher::next_deadline() const {
  if (active_.empty()) return std::nullopt;
  Deadline nearest = Deadline::never();
  for (const Active& active : active_) nearest = std::min(nearest, due(active));
  return nearest;
}

Deadline LanguageModelBatcher::due(const Active& active) {
  const TokenRequest& request = active.request;
  if (request.deadline == Deadline::never()) return request.deadline;
  return Deadline(request.deadline.at() + active.produced * request.token_interval);
}

}  // namespace antiphon::pipeline
