// What the client asks for.
#include <utility>

#include "pipeline/session/session.h"

namespace antiphon::pipeline {

void Session::on_client_event(ClientEvent event, Time now) {
  waiting_.push_back(std::move(event));
  if (!closed_) pump(now);
}

void Session::work_off_events(Time now) {
  user_.ears().feed({});  // the end of a message that was read but not all heard
  while (!waiting_.empty() && !closed_) {
    ClientEvent& event = waiting_.front();
    if (std::holds_alternative<AppendInputAudio>(event.body)) {
      if (!hear_more()) return;
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
  return about_audio && !user_.ears().settled();
}

// Whether all of the first event's audio was heard.
bool Session::hear_more() {
  const AudioBytes& audio = std::get<AppendInputAudio>(waiting_.front().body).audio;
  bytes_heard_ += user_.ears().feed(std::span(audio).subspan(bytes_heard_));
  if (bytes_heard_ < audio.size()) return false;
  bytes_heard_ = 0;
  return true;
}

void Session::handle(const SessionUpdate& update, Time now) {
  const auto change = settings_.update(update, spoke_ || side_replies_.spoke());
  if (!change) return;
  if (change->tools) drop_held_reply();
  if (update.input_format) user_.ears().set_format(settings_.config().input_format);
  if (update.turn_detection) act(turns_.on_turn_detection(settings_.config().turn_detection), now);
  if (change->opening) {
    prompts_.set_opening();
    warm_wanted_ = true;
  }
  settings_.tell_updated();
}

void Session::handle(const CommitInputAudio&, Time now) {
  if (user_.buffer_empty()) {
    client_.send_error("input_audio_buffer_commit_empty", "The input audio buffer is empty.");
    return;
  }
  act(turns_.on_commit(user_.ears().audio().end()), now);
}

void Session::handle(const ClearInputAudio&, Time now) {
  act(turns_.on_clear(user_.ears().audio().end()), now);
  user_.clear();
}

void Session::handle(const ClearOutputAudio&, Time now) {
  if (!reply_ || !reply_->released()) return;
  const WireId id = reply_->events().response_id();
  reply_->cancel("client_cancelled", Reply::Cut::kHeard, now);
  client_.send(OutputAudioCleared{id});
  settle_reply(now);
}

void Session::handle(CreateItem& create, Time) {
  if (items_.create(create)) warm_wanted_ = true;
}

void Session::handle(RequestResponse& request, Time now) {
  if (settings_.config().type == SessionType::kTranscription) {
    client_.send_error("invalid_value", "A transcription session gives no responses.");
    return;
  }
  if (items_.names_unknown_item(request.overrides)) return;
  auto wish = settings_.wish(std::move(request.overrides));
  if (!wish) return;
  if (wish->overrides.outside_conversation) return side_replies_.begin(*std::move(wish), now);
  if (turns_.response_active() || (reply_ && reply_->released())) {
    client_.send_error("conversation_already_has_active_response",
                       "Conversation already has an active response in progress.");
    return;
  }
  drop_held_reply();
  wish_ = *std::move(wish);
  act(turns_.on_response_requested(), now);
}

void Session::handle(const CancelResponse& cancel, Time now) {
  if (cancel.response_id && side_replies_.cancel(*cancel.response_id, now)) return;
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
