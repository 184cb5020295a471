// From the user's words to the reply.
#include <algorithm>
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTextCueDue{400};

// The client's own instructions, and what suits the model.
models::text::AssistantPrompt with_instructions(models::text::AssistantPrompt prompt,
                                                const std::string& instructions) {
  prompt.system = instructions;
  prompt.examples.clear();
  return prompt;
}

std::span<const std::string> announced(const std::shared_ptr<const ToolUse>& tools) {
  return tools ? tools->announcements() : std::span<const std::string>();
}

ConversationItem spoken_by_user(const std::string& text) {
  ContentPart part;
  part.kind = ContentPart::Kind::kInputAudio;
  part.transcript = text;
  return {WireId(), ItemStatus::kCompleted, Message{Role::kUser, {std::move(part)}}};
}

}  // namespace

void Session::on_news(const Transcripts::News& news, Time now) {
  if (!news.words.empty() && config_.transcription) {
    const WireId item = news.item.value_or(user_item_);
    if (!item.empty()) client_.send(InputTranscriptDelta{item, 0, news.words});
  }
  if (!news.hypothesis.empty()) hear_ahead(news.hypothesis, now);
  if (news.generation) on_final_words(*news.generation, news.text, now);
  if (!news.item) return;
  on_item_words(news);
  remember_reply(now);
  memory_.keep(context_store::kUserSpeaker, news.text, now);
  if (words_missing_ != news.item) return;
  words_missing_.reset();
  if (reply_ && reply_->released() && !reply_->writing()) write_reply(nullptr, now);
}

void Session::on_item_words(const Transcripts::News& news) {
  if (ConversationItem* item = conversation_.find(news.item->view())) {
    std::get<Message>(item->body).content.front().transcript = news.text;
  }
  if (!config_.transcription) return;
  if (news.failed) {
    client_.send(InputTranscriptFailed{*news.item, 0, "transcription_failed", "The recogniser failed."});
  } else {
    client_.send(InputTranscriptCompleted{*news.item, 0, news.text, news.duration});
  }
}

void Session::on_final_words(Generation generation, const std::string& text, Time now) {
  if (!turns_.alive(generation)) return;
  if (text.empty()) {
    turns_.on_no_words(generation);
    return;
  }
  if (text_cue_ == generation && cue_is_worth_it()) ask_text_cue(generation, text, now);
  text_cue_.reset();
  if (speculation_ == generation && !reply_) {
    make_reply(generation);
    const ConversationItem item = spoken_by_user(text);
    write_reply(&item, now);
  }
  speculation_.reset();
}

// The prompt with the user's words so far in it: what the cue is asked on, and what a reply's begins with.
std::vector<models::Token> Session::open_prompt(std::string_view words) {
  const std::string_view open = models::text::MessageEndCue::open_text(words);
  if (open.empty()) return {};
  return history_.open_tokens(conversation_.items(), spoken_by_user(std::string(open)), prompt_room(nullptr));
}

// Reads what the user has said so far while they speak. Not the last word, whose sound may not be complete.
void Session::read_ahead(std::string_view hypothesis) {
  if (reply_ || !slot_.idle() || !speculates()) return;
  const std::size_t last_word = hypothesis.find_last_of(' ');
  if (last_word == std::string_view::npos) return;
  PromptRequest request;
  request.prompt = open_prompt(hypothesis.substr(0, last_word));
  if (request.prompt.empty()) return;
  words_read_ = true;
  slot_.ask(std::move(request));
}

bool Session::speculates() const {
  return context_.limits->speculate && config_.turn_detection.create_response &&
         context_.executor->overload_level() == OverloadLevel::kNone;
}

// The cue takes a pass of the language model before the reply's first. Where the reply is late in any case
// and sound and silence are to decide soon, that pass is better spent on the reply.
bool Session::cue_is_worth_it() const {
  const bool eager = config_.turn_detection.eagerness == turns::Eagerness::kHigh;
  return !(eager && writes_slowly_ && speculation_);
}

void Session::ask_text_cue(Generation generation, const std::string& text, Time now) {
  PromptRequest request;
  request.purpose = PromptRequest::Purpose::kCue;
  request.generation = generation;
  request.prompt = open_prompt(text);
  if (request.prompt.empty()) return;
  words_read_ = true;
  request.tokens_max = 1;
  text_cue_result_ = std::make_shared<MessageEndResult>();
  request.picker = std::make_unique<MessageEndPicker>(context_.networks->message_end, text_cue_result_);
  request.deadline = Deadline(now + kTextCueDue);
  slot_.ask(std::move(request));
}

void Session::on_heard(const PromptSlot::Heard& heard, Time now) {
  using Purpose = PromptRequest::Purpose;
  if (heard.purpose == Purpose::kCue && heard.end == TokenEnd::kStopped) {
    const float cue = text_cue_result_->log_probability.load(std::memory_order_relaxed);
    act(turns_.on_text_cue(heard.generation, cue), now);
  } else if (heard.purpose == Purpose::kReply) {
    if (Reply* reply = reply_of(heard.generation)) reply->on_token(heard, now);
  }
}

void Session::make_reply(Generation generation) {
  const ResponseOverrides overrides = wish_ ? wish_->overrides : ResponseOverrides{};
  reply_.emplace(context_, &tasks_, &client_, &conversation_, &slot_, generation,
                 terms_of(config_, overrides), conversation_id_);
  first_sound_told_ = false;
}

int Session::reply_tokens_max(const Wish* wish) const {
  const TokenLimit client_limit = wish != nullptr && wish->overrides.max_output_tokens
                                      ? *wish->overrides.max_output_tokens
                                      : config_.max_output_tokens;
  // What suits the model is meant for words; a call that is cut off is none.
  const Tools& tools = tools_of(wish);
  const bool calls = tools && tools->calls() == ToolUse::Calls::kAtLeastOne;
  int limit = context_.limits->reply_tokens_max;
  if (!calls) limit = std::min(limit, context_.networks->assistant->reply_tokens_max);
  return client_limit ? std::min(*client_limit, limit) : limit;
}

// Tokens of the context, with the reply's left free.
int Session::prompt_room(const Wish* wish) const {
  return context_.networks->language_model->context_tokens_max() - reply_tokens_max(wish);
}

std::vector<models::Token> Session::reply_prompt(const Wish* wish, const ConversationItem* next) {
  std::vector<models::Token> prompt;
  if (!has_own_prompt(wish)) {
    prompt = history_.tokens(conversation_.items(), next, prompt_room(wish));
  } else {
    PromptHistory history(context_.networks->chat);
    history.set_opening({wish->overrides.instructions.value_or(config_.instructions), {}},
                        announced(wish->tools));
    prompt = history.tokens(items_of(wish->overrides), next, prompt_room(wish));
  }
  context_.networks->chat->append_reply_start(&prompt);
  return prompt;
}

// What the reply's prompt consists of.
std::vector<ConversationItem> Session::items_of(const ResponseOverrides& overrides) const {
  if (!overrides.input) return {conversation_.items().begin(), conversation_.items().end()};
  std::vector<ConversationItem> items;
  for (const ResponseInput& input : *overrides.input) {
    if (const auto* item = std::get_if<ConversationItem>(&input)) items.push_back(*item);
    const auto* reference = std::get_if<ItemReference>(&input);
    const ConversationItem* known = reference ? conversation_.find(reference->id.view()) : nullptr;
    if (known != nullptr) items.push_back(*known);
  }
  return items;
}

void Session::write_reply(const ConversationItem* next, Time now) {
  if (!await_note(next, now)) write_reply_now(next, now);
}

void Session::write_reply_now(const ConversationItem* next, Time now) {
  place_note(next);
  std::vector<models::Token> prompt = reply_prompt(reply_wish(), next);
  if (!wish_ && next == nullptr && !history_.ends_with_user()) {
    reply_->say_nothing(now);
  } else {
    reply_->write(std::move(prompt), reply_tokens_max(reply_wish()), tools_of(reply_wish()), now);
  }
}

void Session::drop_held_reply() {
  if (!reply_ || reply_->released()) return;
  reply_->cancel("turn_detected", Reply::Cut::kAll, Time());
  reply_.reset();
  context_.observer->on_speculation_dropped();
  warm_wanted_ = true;
}

void Session::settle_reply(Time now) {
  if (!reply_ || !reply_->released()) return;
  if (reply_->first_sent() && !std::exchange(first_sound_told_, true)) {
    spoke_ = spoke_ || reply_->events().terms().modality == OutputModality::kAudio;
    turns_.on_first_audio(reply_->generation(), now);
    if (config_.turn_traces) send_trace();
  }
  if (!reply_->over()) return;
  const Generation generation = reply_->generation();
  const Time playout_end = reply_->playout_end(now);
  writes_slowly_ = reply_->writes_slowly();
  if (const auto id = reply_->message_id()) {
    remember_reply(now);
    heard_reply_ = HeardReply{*id, now};
  }
  if (reply_->trace().speech_end) context_.observer->on_turn(reply_->trace());
  reply_.reset();
  wish_.reset();
  warm_wanted_ = true;
  act(turns_.on_response_ended(generation, playout_end), now);
}

void Session::send_trace() {
  const TurnTrace& trace = reply_->trace();
  const std::optional<Time> begin = trace.speech_end ? trace.speech_end : trace.decided;
  const auto since = [&begin](const std::optional<Time>& reached) -> TurnTraced::Stage {
    if (!begin || !reached) return std::nullopt;
    return std::chrono::duration_cast<milliseconds>(*reached - *begin);
  };
  TurnTraced traced;
  traced.response_id = reply_->events().response_id();
  if (trace.speech_end) traced.speech_end = trace.speech_end_position;
  traced.speculated = trace.speculated;
  traced.paused = since(trace.paused);
  traced.decided = since(trace.decided);
  traced.transcript_final = since(trace.transcript_final);
  traced.first_token = since(trace.first_token);
  traced.first_phrase = since(trace.first_phrase);
  traced.first_audio_made = since(trace.first_audio_made);
  traced.first_audio_sent = since(trace.first_audio_sent);
  client_.send(std::move(traced));
}

void Session::set_opening() {
  const models::text::AssistantPrompt& assistant = *context_.networks->assistant;
  const bool own = config_.instructions != assistant.system;
  history_.set_opening(own ? with_instructions(assistant, config_.instructions) : assistant,
                       announced(tools_));
  warm_wanted_ = true;
}

void Session::warm() {
  warm_wanted_ = false;
  PromptRequest request;
  request.prompt = history_.tokens(conversation_.items(), nullptr, prompt_room(nullptr));
  // Its own generation: a turn's is never 0.
  if (!request.prompt.empty()) slot_.ask(std::move(request));
}

}  // namespace antiphon::pipeline
