#include "server/talk/talk_conversation.h"

#include <algorithm>
#include <map>

#include "server/talk/event_fields.h"

namespace antiphon::server {
namespace {

namespace json = boost::json;

const json::array& array(const json::object& parent, std::string_view key) {
  static const json::array none;
  const json::value* value = parent.if_contains(key);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

std::optional<double> number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::string_view trimmed(std::string_view words) {
  const std::size_t begin = words.find_first_not_of(" \n");
  if (begin == std::string_view::npos) return "";
  return words.substr(begin, words.find_last_not_of(" \n") - begin + 1);
}

}  // namespace

void TalkConversation::handle(const json::object& event) {
  using Handler = void (TalkConversation::*)(const json::object&);
  static const std::map<std::string_view, Handler> handlers = {
      {"input_audio_buffer.speech_started", &TalkConversation::on_speech_started},
      {"input_audio_buffer.speech_stopped", &TalkConversation::on_speech_stopped},
      {"input_audio_buffer.committed", &TalkConversation::on_committed},
      {"conversation.item.input_audio_transcription.delta", &TalkConversation::on_words},
      {"conversation.item.input_audio_transcription.completed", &TalkConversation::on_transcript},
      {"conversation.item.input_audio_transcription.failed", &TalkConversation::on_transcript},
      {"response.created", &TalkConversation::on_response_created},
      {"response.output_item.added", &TalkConversation::on_item_added},
      {"response.output_audio_transcript.delta", &TalkConversation::on_words},
      {"response.output_item.done", &TalkConversation::on_item_done},
      {"conversation.item.retrieved", &TalkConversation::on_item_retrieved},
      {"response.done", &TalkConversation::on_response_done},
      {"antiphon.turn.trace", &TalkConversation::on_trace},
  };
  const auto handler = handlers.find(text(event, "type"));
  if (handler != handlers.end()) (this->*handler->second)(event);
}

Caption* TalkConversation::find(std::string_view id) {
  const auto found = std::ranges::find(captions_, id, &Caption::id);
  return found != captions_.end() ? &*found : nullptr;
}

const Caption* TalkConversation::caption(std::string_view id) const {
  const auto found = std::ranges::find(captions_, id, &Caption::id);
  return found != captions_.end() ? &*found : nullptr;
}

const TalkTurn* TalkConversation::turn_of(std::string_view response) const {
  const auto found = std::ranges::find(turns_, response, &TalkTurn::response);
  return found != turns_.end() && !response.empty() ? &*found : nullptr;
}

// Noise is not shown.
void TalkConversation::drop_silent(Caption::State state) {
  std::erase_if(captions_, [state](const Caption& caption) {
    return caption.user && caption.state == state && caption.text.empty();
  });
}

void TalkConversation::on_audible(std::string_view item, pipeline::Time heard_at) {
  awaiting_ = false;
  const Caption* const said = caption(item);
  if (said == nullptr) return;
  for (TalkTurn& turn : turns_) {
    if (turn.response != said->response || turn.heard_at) continue;
    turn.heard_at = heard_at;
    measure(turn);
  }
}

void TalkConversation::await_cut(std::string_view item, bool awaited) {
  Caption* const said = find(item);
  if (said != nullptr) said->cut_awaited = awaited;
}

void TalkConversation::measure(TalkTurn& turn) {
  if (!turn.heard_at || !turn.speech_end_ms) return;
  const std::optional<pipeline::Time> end = speech_time_(*turn.speech_end_ms);
  if (end) turn.voice_to_voice = std::chrono::round<std::chrono::milliseconds>(*turn.heard_at - *end);
}

void TalkConversation::on_speech_started(const json::object& event) {
  hearing_ = true;
  drop_silent(Caption::State::kLive);
  captions_.push_back({.id = std::string(text(event, "item_id")), .user = true});
}

void TalkConversation::on_speech_stopped(const json::object& event) {
  hearing_ = false;
  speech_stopped_ms_ = number(event, "audio_end_ms");
}

// A server without traces says where the speech ended in speech_stopped only, its own waiting included.
void TalkConversation::on_committed(const json::object& event) {
  hearing_ = false;
  awaiting_ = true;
  const std::string id(text(event, "item_id"));
  if (find(id) == nullptr) captions_.push_back({.id = id, .user = true});
  turns_.push_back({.number = static_cast<int>(turns_.size()) + 1, .speech_end_ms = speech_stopped_ms_});
}

void TalkConversation::on_words(const json::object& event) {
  Caption* const said = find(text(event, "item_id"));
  if (said != nullptr) said->text += text(event, "delta");
}

void TalkConversation::on_transcript(const json::object& event) {
  Caption* const said = find(text(event, "item_id"));
  if (said == nullptr) return;
  said->text = text(event, "transcript");
  said->state = Caption::State::kDone;
  drop_silent(Caption::State::kDone);
}

void TalkConversation::on_response_created(const json::object& event) {
  active_response_ = text(object(event, "response"), "id");
  if (!turns_.empty() && turns_.back().response.empty()) turns_.back().response = active_response_;
}

void TalkConversation::on_item_added(const json::object& event) {
  const json::object& item = object(event, "item");
  if (text(item, "type") != "message") return;
  captions_.push_back(
      {.id = std::string(text(item, "id")), .response = std::string(text(event, "response_id"))});
}

void TalkConversation::on_item_done(const json::object& event) {
  const json::object& item = object(event, "item");
  Caption* const said = find(text(item, "id"));
  if (said == nullptr) return;
  const bool interrupted = text(item, "status") == "incomplete" && cut(*said, item);
  said->state = interrupted ? Caption::State::kInterrupted : Caption::State::kDone;
}

void TalkConversation::on_item_retrieved(const json::object& event) {
  const json::object& item = object(event, "item");
  Caption* const said = find(text(item, "id"));
  if (said == nullptr) return;
  said->cut_awaited = false;
  if (cut(*said, item)) said->state = Caption::State::kInterrupted;
}

void TalkConversation::on_response_done(const json::object& event) {
  active_response_.clear();
  const json::object& response = object(event, "response");
  const bool silent = array(response, "output").empty();
  if (silent || text(response, "status") == "failed") awaiting_ = false;
  if (!silent) ++answers_;
}

void TalkConversation::on_trace(const json::object& event) {
  for (TalkTurn& turn : turns_) {
    if (turn.response != text(event, "response_id")) continue;
    turn.speech_end_ms = number(event, "speech_end_ms");
    measure(turn);
  }
}

// Notes which part of the text was heard, as the server has cut it. False: nothing was cut.
bool TalkConversation::cut(Caption& caption, const json::object& item) {
  const json::array& content = array(item, "content");
  std::string_view heard;
  if (!content.empty() && content.front().is_object()) {
    const json::object& part = content.front().get_object();
    heard = trimmed(part.contains("transcript") ? text(part, "transcript") : text(part, "text"));
  }
  if (heard.size() >= trimmed(caption.text).size()) return false;
  caption.heard = heard;
  return true;
}

}  // namespace antiphon::server
