#include "pipeline/session/prompt_slot.h"

#include <cassert>
#include <limits>
#include <utility>

namespace antiphon::pipeline {

void PromptSlot::ask(PromptRequest request) {
  std::erase_if(waiting_, [](const PromptRequest& other) { return other.purpose == Purpose::kWarm; });
  if (in_flight_ && in_flight_->purpose == Purpose::kWarm) drop_in_flight();
  waiting_.push_back(std::move(request));
  pump();
}

void PromptSlot::drop(Generation generation) {
  std::erase_if(waiting_, [&](const PromptRequest& other) { return other.generation == generation; });
  if (in_flight_ && in_flight_->generation == generation) drop_in_flight();
}

void PromptSlot::drop_all() {
  waiting_.clear();
  if (in_flight_) drop_in_flight();
}

void PromptSlot::drop_in_flight() {
  in_flight_->dropped = true;
  pump();
}

void PromptSlot::pump() {
  if (in_flight_ && in_flight_->dropped && !in_flight_->cancel_said) {
    // What was read stays: a prefix of the next prompt, most likely, and SlotTokens finds out how much of it.
    constexpr int kKeepAll = std::numeric_limits<int>::max();
    in_flight_->cancel_said = context_.batcher->cancel(context_.id, in_flight_->generation, kKeepAll);
  }
  if (!in_flight_ && !waiting_.empty()) start_next();
}

void PromptSlot::start_next() {
  PromptRequest& next = waiting_.front();
  SlotTokens::Change change = tokens_.change_to(next.prompt);
  TokenRequest request;
  request.session = context_.id;
  request.generation = next.generation;
  request.slot = slot_;
  request.start_length = change.start_length;
  request.append = change.append;
  request.tokens_max = next.tokens_max;
  request.deadline = next.deadline;
  request.token_interval = next.token_interval;
  request.picker = std::move(next.picker);
  request.sink = context_.inbox;
  if (!context_.batcher->submit(request)) {
    next.picker = std::move(request.picker);
    return;
  }
  tokens_.begin(change);
  in_flight_ = InFlight{.purpose = next.purpose,
                        .generation = next.generation,
                        .prompt_tokens = static_cast<int>(next.prompt.size()),
                        .cached_tokens = change.start_length};
  waiting_.pop_front();
}

std::optional<PromptSlot::Heard> PromptSlot::on_event(const TokenEvent& event) {
  assert(in_flight_);
  const InFlight about = *in_flight_;
  if (event.end) {
    tokens_.end(event.slot_length);
    in_flight_.reset();
    pump();
  } else {
    tokens_.add_produced(event.token);
  }
  if (about.dropped) return std::nullopt;
  return Heard{about.purpose, about.generation,    event.end,
               event.token,   about.prompt_tokens, about.cached_tokens};
}

}  // namespace antiphon::pipeline
