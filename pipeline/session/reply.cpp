#include "pipeline/session/reply.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "pipeline/session/tool_calling_picker.h"

namespace antiphon::pipeline {
namespace {

using std::chrono::milliseconds;

// Generous: a deadline that a healthy machine misses would count as overload, which ends speculation.
constexpr milliseconds kFirstTokenDue{700};
constexpr milliseconds kTokenInterval{200};  // speech needs about 4 tokens a second
constexpr milliseconds kSlowToken{40};       // at this pace a first phrase of ten words takes half a second

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

ConversationItem message_item(const WireId& id, ItemStatus status, std::vector<ContentPart> content) {
  return {id, status, Message{Role::kAssistant, std::move(content)}};
}

}  // namespace

Reply::Reply(const SessionContext& context, SessionTasks* tasks, ClientChannel* client,
             Conversation* conversation, PromptSlot* slot, Generation generation, ResponseTerms terms,
             const WireId& conversation_id)
    : context_(context),
      tasks_(tasks),
      client_(client),
      conversation_(conversation),
      slot_(slot),
      generation_(generation),
      events_(client, std::move(terms), conversation_id) {
  if (spoken()) voice_.emplace(context, tasks, generation, static_cast<float>(events_.terms().speed));
  trace_.session = context.id;
  trace_.generation = generation;
}

void Reply::write(std::vector<models::Token> prompt, int tokens_max, std::shared_ptr<const ToolUse> tools,
                  Time now) {
  assert(!asked_ && !over_);
  asked_ = true;
  if (tools) parser_.emplace();
  trace_.transcript_final = now;
  models::SamplingOptions sampling;
  sampling.temperature = context_.limits->temperature;
  sampling.repetition_penalty = context_.networks->assistant->repetition_penalty;
  PromptRequest request;
  request.purpose = PromptRequest::Purpose::kReply;
  request.generation = generation_;
  request.prompt = std::move(prompt);
  request.tokens_max = tokens_max;
  request.picker =
      reply_picker(*context_.networks, sampling, static_cast<std::uint64_t>(generation_), std::move(tools));
  request.deadline = Deadline(now + kFirstTokenDue);
  request.token_interval = kTokenInterval;
  slot_->ask(std::move(request));
}

void Reply::say_nothing(Time now) {
  asked_ = true;
  on_text_end(TokenEnd::kStopped, now);
}

void Reply::fail(const std::string& code, const std::string& message, Time now) {
  asked_ = true;
  failure_ = ResponseEnd{"", "server_error", code, message};
  if (voice_) voice_->end();
  text_end_ = TokenEnd::kFailed;
  go_on(now);
}

void Reply::on_token(const PromptSlot::Heard& heard, Time now) {
  usage_.input_text_tokens = heard.prompt_tokens;
  usage_.input_cached_tokens = heard.cached_tokens;
  if (heard.end) {
    on_text_end(*heard.end, now);
    return;
  }
  if (!trace_.first_token) trace_.first_token = now;
  const std::int64_t tokens_before = usage_.output_text_tokens++;
  if (tokens_before > 0) writes_slowly_ = now - *trace_.first_token > tokens_before * kSlowToken;
  add_reply(context_.networks->tokenizer->bytes(heard.token), now);
}

void Reply::add_reply(std::string_view bytes, Time now) {
  if (!parser_) return add_text(bytes, now);
  parser_->push(bytes, &parsed_);
  take_apart(now);
}

// A broken call is one that the token limit has cut off.
void Reply::take_apart(Time now) {
  for (models::text::ReplyEvent& event : parsed_) {
    if (auto* text = std::get_if<models::text::ReplyText>(&event)) add_text(text->text, now);
    if (auto* call = std::get_if<models::text::ToolCall>(&event)) calls_.push_back(std::move(*call));
  }
  parsed_.clear();
  tell_open_call();
}

void Reply::add_text(std::string_view bytes, Time now) {
  says_something_ = says_something_ || !is_blank(bytes);
  if (spoken()) {
    phrases_.feed(bytes);
    speak_phrases(now);
  } else {
    characters_.push(bytes, &text_pending_);
    send_text(now);
  }
}

void Reply::speak_phrases(Time now) {
  while (auto phrase = phrases_.next(listener_waits(now))) {
    if (!trace_.first_phrase) trace_.first_phrase = now;
    voice_->add_phrase(std::string(phrase->text.text()));
  }
  voice_->pump(now);
}

// While the reply is held back nobody waits yet; but of a model that writes slowly it is known that they
// will.
bool Reply::listener_waits(Time now) const {
  return (released_ || writes_slowly_) && voice_->runs_short(now);
}

void Reply::on_text_end(TokenEnd end, Time now) {
  text_end_ = end;
  if (end == TokenEnd::kFailed) {
    failure_ = ResponseEnd{"", "server_error", "internal_error", "The language model failed."};
  } else if (end == TokenEnd::kContextFull && usage_.output_text_tokens == 0) {
    failure_ = ResponseEnd{"", "invalid_request_error", "context_length_exceeded",
                           "The conversation's last message is too long for the model's context."};
  }
  if (parser_) {
    parser_->finish(&parsed_);
    take_apart(now);
  }
  if (spoken()) {
    phrases_.finish();
    voice_->end();
    speak_phrases(now);
  } else {
    characters_.finish(&text_pending_);
    send_text(now);
  }
  go_on(now);
}

void Reply::on_speech(SpeechResult result, Time now) {
  voice_->on_speech(std::move(result));
  if (!trace_.first_audio_made && voice_->samples_made() > 0) trace_.first_audio_made = now;
  go_on(now);
}

void Reply::release(Time now) {
  assert(!released_);
  released_ = true;
  events_.created();
  tell_open_call();
  if (!spoken()) send_text(now);
  go_on(now);
}

void Reply::tick(Time now) {
  go_on(&Playout::tick, now);
}

void Reply::go_on(Time now) {
  go_on(&Playout::between_ticks, now);
}

void Reply::go_on(Playout::Tick (Playout::*hand_out)(Time), Time now) {
  if (over_) return;
  if (voice_) speak_phrases(now);
  if (!released_) return;
  if (!spoken()) {
    if (text_end_) complete(now);
    return;
  }
  const std::int64_t begin_sample = voice_->playout().samples_handed_out();
  const Playout::Tick tick = (voice_->playout().*hand_out)(now);
  send_frames(tick.frames, begin_sample, now);
  if (tick.done) complete(now);
}

void Reply::begin_message(Time now) {
  if (events_.message_begun()) return;
  trace_.first_audio_sent = now;
  ConversationItem item = message_item(events_.item_id(), ItemStatus::kInProgress, {});
  if (events_.terms().in_conversation) {
    const auto added = conversation_->add(item);
    if (const auto* ok = std::get_if<Conversation::Added>(&added)) previous_item_ = ok->previous_item_id;
  }
  events_.begin_message(item, previous_item_);
}

void Reply::send_frames(std::span<const audio::RenderFrame> frames, std::int64_t begin_sample, Time now) {
  for (const audio::RenderFrame& frame : frames) {
    begin_message(now);
    begin_sample += std::ssize(frame);
    while (auto caption = voice_->next_caption(begin_sample)) events_.transcript(*std::move(caption));
    events_.audio(frame);
  }
}

void Reply::send_text(Time now) {
  if (!released_) return;
  if (text_pending_.empty() || (text_sent_.empty() && is_blank(text_pending_))) return;
  begin_message(now);
  std::string delta = std::exchange(text_pending_, {});
  if (text_sent_.empty()) delta.erase(0, delta.find_first_not_of(" \t\r\n"));
  text_sent_ += delta;
  events_.text(std::move(delta));
}

void Reply::complete(Time now) {
  if (voice_ && voice_->failed()) {
    if (!failure_) failure_ = ResponseEnd{"", "server_error", "internal_error", "The voice failed."};
  } else if (voice_) {
    // Captions without any sound of their own.
    while (auto caption = voice_->next_caption(std::numeric_limits<std::int64_t>::max())) {
      begin_message(now);
      events_.transcript(*std::move(caption));
    }
  }
  ContentPart all = content(voice_ ? voice_->playout().samples_handed_out() : 0);
  if (failure_) {
    stop_work();
    end(ResponseStatus::kFailed, failure_, std::move(all));
  } else if (text_end_ == TokenEnd::kTokenLimit || text_end_ == TokenEnd::kContextFull) {
    end(ResponseStatus::kIncomplete, ResponseEnd{"max_output_tokens", "", "", ""}, std::move(all));
  } else {
    end(ResponseStatus::kCompleted, std::nullopt, std::move(all));
  }
}

ContentPart Reply::content(std::int64_t samples) const {
  ContentPart part;
  if (!voice_) {
    part.kind = ContentPart::Kind::kOutputText;
    part.text = text_sent_;
    return part;
  }
  part.kind = ContentPart::Kind::kOutputAudio;
  part.transcript = voice_->transcript().text();
  part.words.assign(voice_->transcript().words().begin(), voice_->transcript().words().end());
  // Until all of it is made the transcript has words without any sound.
  part.audio_samples = voice_->all_made() ? voice_->samples_made() : std::numeric_limits<std::int64_t>::max();
  cut_audio(part, samples);
  return part;
}

void Reply::cancel(const std::string& reason, Cut cut, Time now) {
  if (over_) return;
  stop_work();
  std::int64_t heard = 0;
  if (voice_) {
    const std::int64_t begin_sample = voice_->playout().samples_handed_out();
    const Playout::Interruption last = voice_->playout().interrupt(now);
    // Nothing of the reply may follow the news of the user's speech, not even the end of a fade.
    const bool fades = released_ && reason == "client_cancelled";
    if (fades) send_frames(last.frames, begin_sample, now);
    heard = fades ? last.samples_heard : std::min(last.samples_heard, begin_sample);
  }
  if (!released_) {
    over_ = true;
    return;
  }
  ContentPart part = content(heard);
  if (cut == Cut::kAll) {
    part = content(0);
    part.text.clear();
  }
  end(ResponseStatus::kCancelled, ResponseEnd{reason, "", "", ""}, std::move(part));
}

void Reply::stop_work() {
  slot_->drop(generation_);
  tasks_->cancel(generation_);
}

void Reply::end(ResponseStatus status, std::optional<ResponseEnd> why, ContentPart part) {
  over_ = true;
  if (events_.message_begun()) end_message(status, std::move(part));
  send_calls(status);
  events_.end(status, std::move(why), usage_);
}

void Reply::end_message(ResponseStatus status, ContentPart part) {
  const bool complete = status == ResponseStatus::kCompleted;
  ConversationItem item = message_item(
      events_.item_id(), complete ? ItemStatus::kCompleted : ItemStatus::kIncomplete, {std::move(part)});
  if (ConversationItem* kept = conversation_->find(events_.item_id().view())) *kept = item;
  events_.end_message(std::move(item), previous_item_);
}

Reply::ToldCall Reply::begin_call(std::string name) {
  ToldCall told;
  told.item = {client_->new_id("item"), ItemStatus::kInProgress,
               FunctionCall{client_->new_id("call"), std::move(name), ""}};
  if (events_.terms().in_conversation) {
    const auto added = conversation_->add(told.item);
    if (const auto* ok = std::get_if<Conversation::Added>(&added)) told.previous = ok->previous_item_id;
  }
  events_.begin_call(told.item, told.previous);
  return told;
}

// Only of the first: each is done, for the client, when the whole reply is.
void Reply::tell_open_call() {
  if (!released_ || !parser_ || says_something_ || !calls_.empty()) return;
  const auto open = parser_->open_call();
  if (!open) return;
  if (!told_call_) told_call_ = begin_call(std::string(open->name));
  std::string delta;
  told_call_->characters.push(open->arguments.substr(told_call_->bytes_read), &delta);
  told_call_->bytes_read = open->arguments.size();
  tell_arguments(*told_call_, std::move(delta));
}

void Reply::tell_arguments(ToldCall& told, std::string delta) {
  if (delta.empty()) return;
  std::get<FunctionCall>(told.item.body).arguments += delta;
  events_.call_arguments(told.item, std::move(delta));
}

void Reply::end_call(ToldCall told, ItemStatus status) {
  told.item.status = status;
  if (ConversationItem* kept = conversation_->find(told.item.id.view())) *kept = told.item;
  events_.end_call(std::move(told.item), told.previous);
}

void Reply::send_calls(ResponseStatus status) {
  const bool whole = status == ResponseStatus::kCompleted || status == ResponseStatus::kIncomplete;
  if (!whole) calls_.clear();
  for (const models::text::ToolCall& call : calls_) {
    ToldCall told = told_call_ ? *std::exchange(told_call_, std::nullopt) : begin_call(call.name);
    const std::size_t known = std::get<FunctionCall>(told.item.body).arguments.size();
    tell_arguments(told, call.arguments.substr(known));
    end_call(std::move(told), ItemStatus::kCompleted);
  }
  if (told_call_) end_call(*std::exchange(told_call_, std::nullopt), ItemStatus::kIncomplete);
}

std::optional<WireId> Reply::message_id() const {
  if (!events_.message_begun() || !events_.terms().in_conversation) return std::nullopt;
  return events_.item_id();
}

std::string Reply::heard_text(Time now) {
  if (!voice_) return text_sent_;
  const std::int64_t sent = voice_->playout().samples_handed_out();
  const std::int64_t heard = voice_->playout().interrupt(now).samples_heard;
  return content(std::min(heard, sent)).transcript.value_or("");
}

Duration Reply::voice_lead(Time now) const {
  return voice_->playout().lead(now);
}

}  // namespace antiphon::pipeline
