// What the client asks for.
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {

void Session::on_client_event(ClientEvent event, Time now) {
  waiting_.push_back(std::move(event));
  if (!closed_) pump(now);
}

void Session::work_off_events(Time now) {
  ears_.feed({});  // the end of a message that was read but not all heard
  while (!waiting_.empty() && !closed_) {
    ClientEvent& event = waiting_.front();
    if (std::holds_alternative<AppendInputAudio>(event.body)) {
      if (!hear_more(now)) return;
    } else {
      if (must_wait(event)) return;
      client_.set_cause(event.event_id);
      std::visit([&](auto& body) { handle(body, now); }, event.body);
      client_.set_cause("");
    }
    waiting_.pop_front();
  }
}

bool Session::must_wait(const ClientEvent& event) const {
  const auto* update = std::get_if<SessionUpdate>(&event.body);
  const bool about_audio = std::holds_alternative<CommitInputAudio>(event.body) ||
                           std::holds_alternative<ClearInputAudio>(event.body) ||
                           (update != nullptr && (update->input_format || update->turn_detection));
  return about_audio && !ears_.settled();
}

// Whether all of the first event's audio was heard.
bool Session::hear_more(Time) {
  const AudioBytes& audio = std::get<AppendInputAudio>(waiting_.front().body).audio;
  bytes_heard_ += ears_.feed(std::span(audio).subspan(bytes_heard_));
  if (bytes_heard_ < audio.size()) return false;
  bytes_heard_ = 0;
  return true;
}

void Session::handle(const AppendInputAudio&, Time) {}

template <class Event>
void Session::send_snapshot() {
  auto snapshot = std::make_unique<SessionSnapshot>();
  snapshot->id = id_;
  snapshot->expires_at_unix_s = expires_at_unix_s_;
  snapshot->config = config_;
  client_.send(Event{std::move(snapshot)});
}
template void Session::send_snapshot<SessionCreated>();
template void Session::send_snapshot<SessionUpdated>();

void Session::handle(const SessionUpdate& update, Time now) {
  if (update.voice && *update.voice != config_.voice && spoke_) {
    client_.send_error("cannot_update_voice", "The voice can't change once audio was sent.",
                       "session.audio.output.voice");
    return;
  }
  if (config_.type == SessionType::kTranscription && update.type == SessionType::kRealtime) {
    client_.send_error("invalid_value", "A transcription session can't become a realtime one.",
                       "session.type");
    return;
  }
  SessionConfig config = updated(config_, update);
  if (update.tools || update.tool_choice) {
    auto tools = tool_use(config.tools, config.tool_choice, "session.");
    if (!tools) return;
    tools_ = *std::move(tools);
    drop_held_reply();
  }
  const bool other_opening = config.instructions != config_.instructions || config.tools != config_.tools;
  config_ = std::move(config);
  if (config_.type == SessionType::kTranscription) config_.turn_detection.create_response = false;
  if (update.input_format) ears_.set_format(config_.input_format);
  if (update.turn_detection) act(turns_.on_turn_detection(config_.turn_detection), now);
  if (other_opening) set_opening();
  send_snapshot<SessionUpdated>();
}

// Nothing: they can't be used, and the client has been told. `field`: where they stand in its event.
std::optional<Session::Tools> Session::tool_use(std::span<const Tool> tools, const ToolChoice& choice,
                                                const std::string& field) {
  if (!tools.empty() && context_.networks->tool_vocabulary == nullptr) {
    client_.send_error("invalid_value", "The server's language model can't call functions.", field + "tools");
    return std::nullopt;
  }
  ToolUse::Made made = ToolUse::of(tools, choice);
  if (const auto* error = std::get_if<models::SchemaError>(&made)) {
    client_.send_error("invalid_value", "'" + field + error->field + "' " + error->message + ".",
                       field + error->field);
    return std::nullopt;
  }
  return std::get<Tools>(std::move(made));
}

void Session::handle(const CommitInputAudio&, Time now) {
  const turns::AudioTime end = ears_.audio().end();
  if (end <= buffer_start_) {
    client_.send_error("input_audio_buffer_commit_empty", "The input audio buffer is empty.");
    return;
  }
  act(turns_.on_commit(end), now);
}

void Session::handle(const ClearInputAudio&, Time now) {
  const turns::AudioTime end = ears_.audio().end();
  act(turns_.on_clear(end), now);
  buffer_start_ = end;
  user_item_ = WireId();
  transcripts_.clear();
  client_.send(InputAudioCleared{});
}

void Session::handle(const ClearOutputAudio&, Time now) {
  if (!reply_ || !reply_->released()) return;
  const WireId id = reply_->events().response_id();
  reply_->cancel("client_cancelled", Reply::Cut::kHeard, now);
  client_.send(OutputAudioCleared{id});
  settle_reply(now);
}

void Session::send_error(const ItemError& error) {
  client_.send_error(std::string(protocol_code(error.code)), error.message, error.param);
}

void Session::handle(CreateItem& create, Time) {
  std::optional<std::string_view> after;
  if (create.previous_item_id) after = create.previous_item_id->view();
  const auto result = conversation_.add(std::move(create.item), after);
  if (const auto* error = std::get_if<ItemError>(&result)) {
    send_error(*error);
    return;
  }
  const auto& added = std::get<Conversation::Added>(result);
  client_.send(ItemAdded{*added.item, added.previous_item_id});
  client_.send(ItemDone{*added.item, added.previous_item_id});
  warm_wanted_ = true;
}

void Session::handle(const RetrieveItem& retrieve, Time) {
  const auto result = conversation_.retrieve(retrieve.item_id.view());
  if (const auto* error = std::get_if<ItemError>(&result)) {
    send_error(*error);
  } else {
    client_.send(ItemRetrieved{*std::get<const ConversationItem*>(result)});
  }
}

void Session::handle(const DeleteItem& remove, Time) {
  if (const auto error = conversation_.remove(remove.item_id.view())) {
    send_error(*error);
  } else {
    client_.send(ItemDeleted{remove.item_id});
  }
}

void Session::handle(const TruncateItem& truncate, Time) {
  const auto result = conversation_.truncate(
      truncate.item_id.view(), static_cast<std::size_t>(truncate.content_index), truncate.audio_end);
  if (const auto* error = std::get_if<ItemError>(&result)) {
    send_error(*error);
  } else {
    client_.send(ItemTruncated{truncate.item_id, truncate.content_index,
                               std::get<Conversation::Truncated>(result).audio_end});
  }
}

// True: it does, and the client has been told.
bool Session::names_unknown_item(const ResponseOverrides& overrides) {
  if (!overrides.input) return false;
  for (std::size_t i = 0; i < overrides.input->size(); ++i) {
    const auto* reference = std::get_if<ItemReference>(&(*overrides.input)[i]);
    if (reference == nullptr || conversation_.find(reference->id.view()) != nullptr) continue;
    client_.send_error("invalid_value",
                       "No item with the id '" + std::string(reference->id.view()) + "' exists.",
                       "response.input[" + std::to_string(i) + "].id");
    return true;
  }
  return false;
}

void Session::handle(RequestResponse& request, Time now) {
  if (config_.type == SessionType::kTranscription) {
    client_.send_error("invalid_value", "A transcription session gives no responses.");
    return;
  }
  const ResponseOverrides& overrides = request.overrides;
  if (names_unknown_item(overrides)) return;
  Tools tools = tools_;
  if (overrides.tools || overrides.tool_choice) {
    const ToolChoice usual = overrides.tools ? ToolChoice{} : config_.tool_choice;
    auto made =
        tool_use(overrides.tools.value_or(config_.tools), overrides.tool_choice.value_or(usual), "response.");
    if (!made) return;
    tools = *std::move(made);
  }
  Wish wish{std::move(request.overrides), std::move(tools)};
  if (wish.overrides.outside_conversation) return begin_side_reply(std::move(wish), now);
  if (turns_.response_active() || (reply_ && reply_->released())) {
    client_.send_error("conversation_already_has_active_response",
                       "Conversation already has an active response in progress.");
    return;
  }
  drop_held_reply();
  wish_ = std::move(wish);
  act(turns_.on_response_requested(), now);
}

void Session::handle(const CancelResponse& cancel, Time now) {
  if (cancel.response_id && cancel_side_reply(*cancel.response_id, now)) return;
  const bool active = reply_ && reply_->released() && !reply_->over();
  if (!active || (cancel.response_id && *cancel.response_id != reply_->events().response_id())) {
    client_.send_error("response_cancel_not_active", "Cancellation failed: no active response found.");
    return;
  }
  reply_->cancel("client_cancelled", Reply::Cut::kHeard, now);
  settle_reply(now);
}

void Session::handle(const InvalidEvent& invalid, Time) {
  client_.send_error(invalid.code, invalid.message, invalid.param);
}

}  // namespace antiphon::pipeline
