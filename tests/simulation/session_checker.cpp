#include "tests/simulation/session_checker.h"

#include <algorithm>
#include <utility>

namespace antiphon::simulation {
namespace {

using namespace pipeline;

std::string name_of(const WireId& id) {
  return std::string(id.view());
}

// Client's mistakes in the script, and races that a client can't avoid.
bool is_expected(const std::string& code) {
  static const std::set<std::string> codes = {"input_audio_buffer_commit_empty",
                                              "conversation_already_has_active_response",
                                              "response_cancel_not_active",
                                              "item_truncate_invalid_item_id",
                                              "item_delete_invalid_item_id",
                                              "item_retrieve_invalid_item_id",
                                              "cannot_update_voice",
                                              "rate_limit_exceeded",
                                              "session_expired"};
  return codes.contains(code);
}

}  // namespace

void SessionChecker::fault(const std::string& what) {
  faults_->add(
      "session " + std::to_string(session_) + " at " +
      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now_.time_since_epoch()).count()) +
      " ms: " + what);
}

std::optional<WireId> SessionChecker::response() const {
  if (!response_) return std::nullopt;
  return response_->id();
}

std::optional<WireId> SessionChecker::side_response() const {
  if (side_responses_.empty()) return std::nullopt;
  return side_responses_.rbegin()->second.id();
}

void SessionChecker::on_end(bool orderly) {
  check_user_words();
  if (!orderly) return;
  if (response_ || !side_responses_.empty()) fault("a response without its response.done");
  if (!open_items_.empty()) fault("an item without its done: " + *open_items_.begin());
  if (speaking_) fault("speech_started without speech_stopped");
  if (words_missing() > 0) fault("committed speech without its transcription");
}

std::size_t SessionChecker::words_missing() const {
  if (!transcribes_) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(turns_, [](const Turn& turn) { return !turn.transcript; }));
}

// --- each event ---

void SessionChecker::handle(const SessionCreated& event) {
  if (std::exchange(created_, true)) fault("session.created twice");
  config_ = event.session->config;
}

void SessionChecker::handle(const SessionUpdated& event) {
  config_ = event.session->config;
  transcribes_ = config_.transcription.has_value();
}

void SessionChecker::handle(const SpeechStarted& event) {
  if (std::exchange(speaking_, true)) fault("speech_started twice");
  speech_item_ = event.item_id;
  if (response_ && config_.turn_detection.interrupt_response) {
    response_->interrupt(now_);
    ++interruptions_;
  }
}

void SessionChecker::handle(const SpeechStopped& event) {
  if (!std::exchange(speaking_, false)) fault("speech_stopped without speech_started");
  if (event.item_id != speech_item_) fault("speech_stopped of another item");
}

void SessionChecker::handle(const InputAudioCommitted& event) {
  turns_.push_back({event.item_id, std::nullopt});
}

void SessionChecker::handle(const InputTranscriptDelta& event) {
  check_words(event.delta);
}

void SessionChecker::handle(const InputTranscriptCompleted& event) {
  const auto turn = std::ranges::find(turns_, event.item_id, &Turn::item);
  if (turn == turns_.end() || turn->transcript) return fault("words of no committed item, or again");
  turn->transcript = event.transcript;
  check_words(event.transcript);
}

void SessionChecker::handle(const InputTranscriptFailed& event) {
  // When more turns wait than a session keeps, or the recogniser breaks down.
  const auto turn = std::ranges::find(turns_, event.item_id, &Turn::item);
  const bool known = turn != turns_.end() && !turn->transcript;
  if (!known || (words_missing() < 8 && !may_fail_)) return fault("transcription failed");
  turn->transcript = "";
}

void SessionChecker::handle(const ItemAdded& event) {
  add_item(event.item, event.previous_item_id);
}

void SessionChecker::handle(const ItemDone& event) {
  end_item(event.item);
}

void SessionChecker::handle(const ItemDeleted& event) {
  if (std::erase(items_, event.item_id) != 1) fault("deleted what was not there");
  open_items_.erase(name_of(event.item_id));
  texts_.erase(name_of(event.item_id));
}

void SessionChecker::handle(const ItemRetrieved& event) {
  const auto known = texts_.find(name_of(event.item.id));
  const auto* message = std::get_if<Message>(&event.item.body);
  if (known != texts_.end() && message != nullptr && !message->content.empty()) {
    const ContentPart& part = message->content[0];
    const std::string text = part.is_audio() ? part.transcript.value_or("") : part.text;
    if (text != known->second) fault("an item that is not as it was told: \"" + text + "\"");
  }
}

void SessionChecker::handle(const ItemTruncated& event) {
  const auto known = texts_.find(name_of(event.item_id));
  if (known != texts_.end()) {
    // Any beginning of it, since the client does not know the times of its words.
    for (std::size_t size = 0; size <= known->second.size(); ++size) {
      history_.push_back(known->second.substr(0, size));
    }
    texts_.erase(known);
  }
}

void SessionChecker::handle(const ResponseCreated& event) {
  begin_response(*event.response, now_);
}

void SessionChecker::handle(const ResponseDone& event) {
  end_response(*event.response, now_);
}

void SessionChecker::handle(const ErrorEvent& event) {
  if (!is_expected(event.code)) fault("error: " + event.code + ": " + event.message);
}

void SessionChecker::handle(const OutputAudioDelta& event) {
  if (ResponseChecker* response = response_of(event.place.response_id)) response->on(event, now_);
}

template <class Event>
void SessionChecker::handle(const Event& event) {
  if constexpr (std::is_same_v<Event, OutputItemAdded> || std::is_same_v<Event, OutputItemDone>) {
    if (ResponseChecker* response = response_of(event.response_id)) response->on(event);
  } else if constexpr (requires { response_->on(event); }) {
    if (ResponseChecker* response = response_of(event.place.response_id)) response->on(event);
  }
}

void SessionChecker::on_event(const ServerEvent& event, Time now) {
  now_ = now;
  if (response_ && response_->overdue(now)) fault("an interrupted response goes on");
  if (!created_ && !std::holds_alternative<SessionCreated>(event)) fault("an event before session.created");
  std::visit([&](const auto& value) { handle(value); }, event);
}

// Null, and a fault: it is not active.
ResponseChecker* SessionChecker::response_of(const WireId& id) {
  if (response_ && response_->id() == id) return &*response_;
  const auto side = side_responses_.find(name_of(id));
  if (side != side_responses_.end()) return &side->second;
  fault("an event of no active response");
  return nullptr;
}

void SessionChecker::begin_response(const ResponseSnapshot& response, Time) {
  const bool aside = response.conversation_id.empty();
  if (response_ && !aside) fault("a second active response");
  if (config_.type == SessionType::kTranscription) fault("a response of a transcription session");
  if (ended_responses_.contains(name_of(response.id))) fault("a response begins twice");
  ++responses_;
  side_begun_ += aside ? 1 : 0;
  const auto on_fault = [this](const std::string& what) { fault("response: " + what); };
  if (aside) {
    side_responses_.try_emplace(name_of(response.id), response, may_fail_, on_fault);
  } else {
    response_.emplace(response, may_fail_, on_fault);
  }
}

void SessionChecker::end_response(const ResponseSnapshot& response, Time now) {
  if (!ended_responses_.insert(name_of(response.id)).second) fault("response.done twice");
  ResponseChecker* const checker = response_of(response.id);
  if (checker == nullptr) return;
  checker->on_done(response, now);
  failures_ += response.status == ResponseStatus::kFailed ? 1 : 0;
  const bool aside = side_responses_.erase(name_of(response.id)) > 0;
  if (!aside) {
    response_.reset();
    last_status_ = response.status;
  }
  for (const ConversationItem& item : response.output) {
    const auto* call = std::get_if<FunctionCall>(&item.body);
    if (call != nullptr) check_words(call->arguments);
    if (call != nullptr && item.status == ItemStatus::kCompleted) {
      ++calls_told_;
      calls_.push_back({call->call_id, call->name, call->arguments, !aside});
    }
    if (const auto* message = std::get_if<Message>(&item.body)) {
      for (const ContentPart& part : message->content) check_words(part.transcript.value_or(part.text));
    }
  }
}

// --- the conversation ---

void SessionChecker::add_item(const ConversationItem& item, const WireId& previous) {
  const WireId last = items_.empty() ? WireId() : items_.back();
  if (previous != last) fault("an item that does not follow the last one");
  if (std::ranges::find(items_, item.id) != items_.end()) fault("an item is added twice");
  items_.push_back(item.id);
  open_items_.insert(name_of(item.id));
}

void SessionChecker::end_item(const ConversationItem& item) {
  const bool deleted = std::ranges::find(items_, item.id) == items_.end();
  if (open_items_.erase(name_of(item.id)) != 1 && !deleted) fault("an item is done that is not open");
  if (!deleted) remember(item);
}

void SessionChecker::remember(const ConversationItem& item) {
  const auto* message = std::get_if<Message>(&item.body);
  if (message == nullptr || message->role != Role::kAssistant || message->content.empty()) return;
  const ContentPart& part = message->content[0];
  const std::string text = part.is_audio() ? part.transcript.value_or("") : part.text;
  texts_[name_of(item.id)] = text;
  history_.push_back(text);
}

void SessionChecker::check_words(std::string_view text) {
  for (const Word& word : words_in(text)) {
    if (word.session != session_) fault("a word of another session: " + text_of(word));
  }
}

// Of what was said each word may be heard once, in order.
void SessionChecker::check_user_words() {
  auto from = said_.begin();
  for (const Turn& turn : turns_) {
    for (const Word& word : words_in(turn.transcript.value_or(""))) {
      const auto found = std::find(from, said_.end(), word);
      if (found == said_.end())
        return fault("words that nobody said, or twice: \"" + *turn.transcript + "\"");
      from = found + 1;
    }
  }
}

}  // namespace antiphon::simulation
