#include <algorithm>
#include <cassert>
#include <utility>

#include "models/text/tool_call_parser.h"
#include "tests/support/fakes/fake_networks.h"

namespace antiphon::fakes {
namespace {

using models::Slot;
using models::Token;
using models::TokenRow;

std::uint64_t hash_of(const std::vector<Token>& tokens) {
  std::uint64_t hash = 1469598103934665603U;
  for (const Token token : tokens) hash = (hash ^ static_cast<std::uint64_t>(token)) * 1099511628211U;
  return hash;
}

}  // namespace

// Marks its slots as busy until it ends or is dropped.
class FakeLanguageModel::Pass {
 public:
  Pass(FakeLanguageModel* model, std::vector<TokenRow> rows_in) : rows(std::move(rows_in)), model_(model) {
    std::set<Slot> seen;
    for (const TokenRow& row : rows) {
      State& state = model_->at(row.slot);
      if (seen.insert(row.slot).second && state.in_pass) model_->faults_->add("two passes over one slot");
      state.in_pass = true;
    }
  }
  Pass(Pass&& other) noexcept : rows(std::exchange(other.rows, {})), model_(other.model_) {}
  Pass& operator=(Pass&&) = delete;
  ~Pass() {
    for (const TokenRow& row : rows) model_->at(row.slot).in_pass = false;
  }

  std::vector<TokenRow> rows;

 private:
  FakeLanguageModel* model_;
};

FakeLanguageModel::FakeLanguageModel(const WordTokenizer* tokenizer, int slots, int context_tokens_max,
                                     FaultList* faults)
    : tokenizer_(tokenizer),
      context_tokens_max_(context_tokens_max),
      faults_(faults),
      slots_(static_cast<std::size_t>(slots)) {}

models::Stepped<void> FakeLanguageModel::forward(std::vector<TokenRow> rows) {
  assert(!rows.empty());
  return [](FakeLanguageModel* model, Pass pass) -> models::Stepped<void> {
    co_await models::kNextStep;
    for (const TokenRow& row : pass.rows) model->append(row);
  }(this, Pass(this, std::move(rows)));
}

void FakeLanguageModel::append(const TokenRow& row) {
  State& state = at(row.slot);
  if (length(row.slot) >= context_tokens_max_) faults_->add("a slot with more tokens than its context");
  state.tokens.push_back(row.token);
  if (row.wants_logits) score_next(state);
}

void FakeLanguageModel::truncate(Slot slot, int length) {
  State& state = at(slot);
  if (state.in_pass) faults_->add("a slot cut during a pass");
  assert(length >= 0 && length <= this->length(slot));
  state.tokens.resize(static_cast<std::size_t>(length));
}

models::Stepped<void> FakeLanguageModel::copy_prefix(Slot from, Slot to, int length) {
  at(to).tokens.assign(at(from).tokens.begin(), at(from).tokens.begin() + length);
  co_return;
}

std::vector<FakeLanguageModel::Message> FakeLanguageModel::messages_of(
    const std::vector<Token>& tokens) const {
  std::vector<Message> messages;
  const Token start = tokenizer_->message_start();
  const Token end = tokenizer_->message_end();
  for (auto at = tokens.begin(); at != tokens.end();) {
    if (*at != start) {
      ++at;  // the line break between two messages
      continue;
    }
    const auto next = std::find(at + 1, tokens.end(), end);
    const auto nested = std::find(at + 1, next, start);
    if (nested != next) faults_->add("a message in a prompt has no end");
    const std::string text = tokenizer_->decode({at + 1, next});
    const std::size_t line = text.find('\n');
    messages.push_back(
        {text.substr(0, line), line == std::string::npos ? "" : text.substr(line + 1), next == tokens.end()});
    at = next;
  }
  return messages;
}

void FakeLanguageModel::check(const std::vector<Message>& messages) {
  int session = -1;
  for (const Message& message : messages) {
    for (const Word& word : words_in(message.text)) {
      if (session >= 0 && word.session != session) faults_->add("a prompt holds words of two sessions");
      session = word.session;
    }
  }
  for (const Message& message : messages) {
    if (message.role != "assistant" || message.open || message.text == "Hi.") continue;
    check_own_words(session, message.text);
  }
}

void FakeLanguageModel::check_own_words(int session, const std::string& text) {
  const auto unknown = [&](const char* what, const std::string& it) {
    faults_->add("session " + std::to_string(session) + ": the prompt says that the assistant " + what +
                 ": \"" + it + "\"");
  };
  models::text::ToolCallParser parser;
  std::vector<models::text::ReplyEvent> events;
  parser.push(text, &events);
  parser.finish(&events);
  std::string said;
  for (const models::text::ReplyEvent& event : events) {
    if (const auto* part = std::get_if<models::text::ReplyText>(&event)) said += part->text;
    if (const auto* broken = std::get_if<models::text::BrokenToolCall>(&event)) {
      unknown("began a call", broken->raw);
    }
    const auto* call = std::get_if<models::text::ToolCall>(&event);
    if (call != nullptr && !calls_[session].contains(call->name + call->arguments)) {
      unknown("called what nobody was told", call->name + call->arguments);
    }
  }
  if (!said.empty() && !heard_[session].contains(said)) unknown("said what nobody heard", said);
}

// `prompt` ends with the start of the assistant's message.
std::vector<Token> FakeLanguageModel::reply_to(const std::vector<Token>& prompt) {
  if (fixed_reply_) {
    std::vector<Token> fixed = tokenizer_->encode(*fixed_reply_);
    fixed.push_back(tokenizer_->message_end());
    return fixed;
  }
  const std::vector<Message> messages = messages_of(prompt);
  check(messages);
  std::vector<Word> known;
  for (const Message& message : messages) {
    if (message.role != "user") continue;
    const std::vector<Word> words = words_in(message.text);
    known.insert(known.end(), words.begin(), words.end());
  }
  std::string reply;
  std::uint64_t dice = hash_of(prompt);
  const std::uint64_t count = known.empty() ? 0 : 1 + dice % 14;
  for (std::uint64_t i = 0; i < count; ++i) {
    dice = dice * 6364136223846793005U + 1442695040888963407U;
    reply += (reply.empty() ? "" : " ") + text_of(known[(dice >> 33U) % known.size()]);
    const std::uint64_t mark = (dice >> 20U) % 8;
    reply += i + 1 == count || mark == 0 ? "." : mark == 1 ? "," : "";
  }
  const bool announced = messages.front().role == "system" &&
                         messages.front().text.find("\"name\": \"look\"") != std::string::npos;
  if (announced && !known.empty() && (dice >> 40U) % 2 == 0) {
    if ((dice >> 41U) % 2 == 0) reply.clear();
    reply += "\n<tool_call>\n{\"name\": \"look\", \"arguments\": {\"word\": \"" +
             text_of(known[(dice >> 43U) % known.size()]) + "\"}}\n</tool_call>";
  }
  std::vector<Token> tokens = tokenizer_->encode(reply);
  tokens.push_back(tokenizer_->message_end());
  return tokens;
}

// In a call that it was made to write: whatever ends it.
void FakeLanguageModel::end_call_soon(State& state) const {
  float score = 30.0F;
  for (const char c : std::string_view("\"}]0t")) {
    state.logits[static_cast<std::size_t>(tokenizer_->encode(std::string_view(&c, 1)).front())] = score--;
  }
  state.logits[static_cast<std::size_t>(tokenizer_->message_end())] = 1.0F;
}

// Where it is made to write a call, or not to.
void FakeLanguageModel::score_other(State& state, const std::string& written) {
  constexpr std::string_view kTag = "<tool_call>";
  if (written.find(kTag) != std::string::npos) return end_call_soon(state);
  if (kTag.starts_with(written)) return;
  if (tokenizer_->decode(state.reply).find(kTag) == std::string::npos) {
    faults_->add("a reply goes on with other tokens than were picked");
  }
  state.logits[static_cast<std::size_t>(tokenizer_->message_end())] = 30.0F;
}

void FakeLanguageModel::score_next(State& state) {
  state.logits.assign(static_cast<std::size_t>(tokenizer_->size()), 0.0F);
  const auto start = std::find(state.tokens.rbegin(), state.tokens.rend(), tokenizer_->message_start());
  if (start == state.tokens.rend()) return faults_->add("a prompt without a message");
  const std::vector<Token> assistant = tokenizer_->encode("assistant\n");
  // The message from its role on.
  const std::vector<Token> open(start.base(), state.tokens.end());
  if (std::ranges::find(open, tokenizer_->message_end()) != open.end()) return;  // read ahead of time
  if (open.front() != assistant.front()) {  // is the user's message complete?
    const bool complete = hash_of(open) % 2 == 0;
    state.logits[static_cast<std::size_t>(tokenizer_->message_end())] = complete ? 30.0F : -30.0F;
    return;
  }
  if (open.size() == 1) state.reply = reply_to(state.tokens);
  const std::size_t written = open.size() - 1;
  const bool as_said =
      written < state.reply.size() && std::equal(open.begin() + 1, open.end(), state.reply.begin());
  if (!as_said) return score_other(state, tokenizer_->decode({open.begin() + 1, open.end()}));
  state.logits[static_cast<std::size_t>(state.reply[written])] = 30.0F;
}

}  // namespace antiphon::fakes
