#include "pipeline/jobs/answering_job.h"

#include <algorithm>
#include <cassert>
#include <span>
#include <utility>

#include "pipeline/runtime/refusing_ring.h"
#include "pipeline/session/tool_calling_picker.h"

namespace antiphon::pipeline {
namespace {

using models::text::ChatRole;

constexpr std::chrono::milliseconds kTokenInterval{500};
// The only request of its seat to the language model.
constexpr Generation kGeneration{1};

models::Stepped<std::vector<models::Token>> encode(const models::text::ChatTemplate& chat, std::string system,
                                                   std::shared_ptr<const ToolUse> tools,
                                                   std::vector<models::text::ChatMessage> messages) {
  using Announcements = std::span<const std::string>;
  std::vector<models::Token> tokens = chat.opening(system, tools ? tools->announcements() : Announcements());
  const std::span all(messages);
  for (std::size_t begin = 0, end = 0; begin < all.size(); begin = end) {
    end = begin + 1;  // results that follow one another share a message
    while (all[begin].role == ChatRole::kTool && end < all.size() && all[end].role == ChatRole::kTool) ++end;
    chat.append(all.subspan(begin, end - begin), &tokens);
    co_await models::kNextStep;
  }
  chat.append_reply_start(&tokens);
  co_return tokens;
}

}  // namespace

// The tokens on their way from the lane that steps the model.
class Answering::Mailbox final : public TokenSink {
 public:
  Mailbox(int tokens_max, std::shared_ptr<JobBell> bell)
      : events_(static_cast<std::size_t>(tokens_max) + 1), bell_(std::move(bell)) {}

  void deliver(const TokenEvent& event) noexcept override {
    const bool taken = events_.push(TokenEvent(event));
    assert(taken);
    static_cast<void>(taken);
    bell_->ring();
  }
  [[nodiscard]] bool pop(TokenEvent& event) { return events_.pop(event); }

 private:
  RefusingRing<TokenEvent> events_;
  const std::shared_ptr<JobBell> bell_;
};

// Keeps the seat and the mailbox until the model has let go of the request.
class Answering::Picker final : public TokenPicker {
 public:
  Picker(SharedJobSeat seat, std::shared_ptr<Mailbox> mailbox, const Question& question)
      : seat_(std::move(seat)),
        mailbox_(std::move(mailbox)),
        reply_(reply_picker(*seat_->networks, question.sampling, question.seed, question.tools)) {}
  std::optional<models::Token> pick(std::span<const float> logits) override { return reply_->pick(logits); }

 private:
  const SharedJobSeat seat_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::unique_ptr<TokenPicker> reply_;
};

Answering::Answering(SharedJobSeat seat, std::shared_ptr<JobBell> bell, Question question)
    : seat_(std::move(seat)),
      question_(std::move(question)),
      encoding_(seat_, bell),
      mailbox_(std::make_shared<Mailbox>(question_.tokens_max, std::move(bell))) {}

Answering::~Answering() {
  // Refused only if the batcher is swamped with cancels; then the answer is written for nobody.
  if (asked_) static_cast<void>(seat_->batcher->cancel(seat_->id, kGeneration, 0));
}

Answering::News Answering::look(Time now) {
  News news;
  if (!std::exchange(started_, true) && !ask_for_prompt(now)) news.refusal = Refusal::kNoRoom;
  if (auto encoded = encoding_.take()) {
    news.refusal = encoded->result ? ask_model(*std::move(encoded->result), now) : Refusal::kFailed;
  }
  TokenEvent event;
  while (!news.end && mailbox_->pop(event)) {
    news.end = event.end;
    if (event.end) continue;
    ++answer_tokens_;
    const std::string_view bytes = seat_->networks->tokenizer->bytes(event.token);
    if (question_.tools) {
      parser_.push(bytes, &parsed_);
    } else {
      characters_.push(bytes, &news.text);
    }
  }
  if (news.end && question_.tools) parser_.finish(&parsed_);
  take_apart(news);
  if (news.end) {
    asked_ = false;
    characters_.finish(&news.text);
  }
  if (news.end == TokenEnd::kFailed || news.end == TokenEnd::kCancelled) news.refusal = Refusal::kFailed;
  return news;
}

// A broken call is one that the token limit has cut off.
void Answering::take_apart(News& news) {
  for (models::text::ReplyEvent& event : parsed_) {
    if (auto* text = std::get_if<models::text::ReplyText>(&event)) characters_.push(text->text, &news.text);
    if (auto* call = std::get_if<models::text::ToolCall>(&event)) news.calls.push_back(std::move(*call));
  }
  parsed_.clear();
}

bool Answering::ask_for_prompt(Time now) {
  const models::text::ChatTemplate* chat = seat_->networks->chat;
  return encoding_.start(
      [chat, system = std::move(question_.system), tools = question_.tools,
       messages = std::move(question_.messages)]() mutable {
        return encode(*chat, std::move(system), std::move(tools), std::move(messages));
      },
      now);
}

std::optional<Answering::Refusal> Answering::ask_model(std::vector<models::Token> prompt, Time now) {
  prompt_tokens_ = static_cast<int>(prompt.size());
  const int room = seat_->networks->language_model->context_tokens_max() - prompt_tokens_;
  if (room < 1) return Refusal::kPromptTooLong;
  TokenRequest request;
  request.session = seat_->id;
  request.generation = kGeneration;
  request.slot = seat_->seat.slot();
  request.append = std::move(prompt);
  request.tokens_max = std::min(question_.tokens_max, room);
  request.deadline = Deadline(now + kJobDue);
  request.token_interval = kTokenInterval;
  request.picker = std::make_unique<Picker>(seat_, mailbox_, question_);
  request.sink = mailbox_.get();
  asked_ = seat_->batcher->submit(request);
  if (!asked_) return Refusal::kNoRoom;
  return std::nullopt;
}

}  // namespace antiphon::pipeline
