#include "server/talk/talk.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <exception>
#include <utility>

#include "audio/pcm16.h"
#include "server/protocol/base64.h"
#include "server/talk/event_fields.h"

namespace antiphon::server {
namespace {

namespace json = boost::json;
using pipeline::Clock;
using pipeline::Time;
using std::chrono::milliseconds;

constexpr milliseconds kRound{5};
constexpr milliseconds kShowEvery{100};
constexpr std::size_t kSpokenMax = 3000;  // a minute of frames
constexpr std::string_view kTruncate = "talk_truncate:";

std::vector<float> samples_of(std::string_view base64) {
  const auto bytes = protocol::base64_decoded(base64);
  return bytes ? audio::floats_from_pcm16(*bytes) : std::vector<float>();
}

float loudness(const audio::RenderFrame& frame) {
  float sum = 0;
  for (const float sample : frame) sum += sample * sample;
  return std::sqrt(sum / static_cast<float>(frame.size()));
}

// Ten steps from -60 to -10 dBFS.
std::string meter(float level) {
  const float decibels = 20 * std::log10(std::max(level, 1e-6F));
  const int steps = std::clamp(static_cast<int>((decibels + 60) / 5), 0, 10);
  return std::string(static_cast<std::size_t>(steps), '#') +
         std::string(static_cast<std::size_t>(10 - steps), '.');
}

NotLetIn refused(const json::object& event) {
  const json::object& fault = object(event, "error");
  const std::string message(text(fault, "message"));
  if (text(fault, "code") != "server_overloaded")
    return NotLetIn("the server opens no conversation: " + message);
  return NotLetIn("the server is full (" + message + ")");
}

}  // namespace

std::string session_update(const TalkSession& session) {
  const json::object format{{"type", "audio/pcm"}, {"rate", audio::kRenderRateHz}};
  json::object output{{"format", format}};
  if (!session.voice.empty()) output["voice"] = session.voice;
  json::object settings{
      {"type", "realtime"},
      {"output_modalities", json::array{"audio"}},
      {"audio",
       {{"input",
         {{"format", format},
          {"transcription", {{"model", "antiphon"}}},
          {"turn_detection", {{"type", "semantic_vad"}, {"eagerness", session.eagerness}}}}},
        {"output", output}}}};
  if (!session.instructions.empty()) settings["instructions"] = session.instructions;
  return json::serialize(json::object{{"type", "session.update"}, {"session", std::move(settings)}});
}

Talk::Talk(const ClientAccess& access, const TalkSession& session, const Parts& parts)
    : session_(session),
      parts_(parts),
      socket_(io_, access),
      conversation_([this](double audio_ms) { return speech_time(audio_ms); }) {}

Talk::End Talk::run() {
  std::exception_ptr failure;
  asio::co_spawn(io_, converse(), [&](std::exception_ptr error) {
    failure = std::move(error);
    io_.stop();  // what is left waits for signals and for a silent socket
  });
  io_.run();
  parts_.captions->finish(conversation_);
  parts_.loudspeaker->finish();
  if (failure) std::rethrow_exception(failure);
  return end_.value_or(End::kLost);
}

asio::awaitable<void> Talk::converse() {
  using namespace asio::experimental::awaitable_operators;
  co_await socket_.open();
  wire_.emplace(socket_.opus());
  co_await be_admitted();
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  signals_.async_wait([this](const beast::error_code& error, int) {
    if (!error) end_ = End::kStopped;
  });
  co_await (listen() && pace());
}

asio::awaitable<void> Talk::be_admitted() {
  const auto message = co_await socket_.read();
  if (!message) throw NotLetIn("the server closed the connection: " + socket_.why_ended());
  const json::object event = wire_->event_of(*message, socket_.got_binary());
  if (text(event, "type") == "error") throw refused(event);
  outgoing_.push_back(session_update(session_));
}

asio::awaitable<void> Talk::listen() {
  for (;;) {
    const auto message = co_await socket_.read();
    if (!message) break;
    on_event(wire_->event_of(*message, socket_.got_binary()));
  }
  ended_ = true;
}

asio::awaitable<void> Talk::pace() {
  asio::steady_timer timer(io_);
  for (Time round = Clock::now(); !end_ && !ended_; round += kRound) {
    timer.expires_at(round);
    co_await timer.async_wait(kAsTuple);
    co_await speak();
    const Time now = Clock::now();
    play(now);
    decide(now);
    show(now, false);
  }
  if (!ended_) co_await socket_.close();
}

// What the microphone has, and what is to be said besides.
asio::awaitable<void> Talk::speak() {
  audio::RenderFrame frame;
  while (configured_ && parts_.microphone->next(Clock::now(), frame)) {
    level_ = loudness(frame);
    spoken_.push_back(parts_.microphone->spoken_at());
    if (spoken_.size() > kSpokenMax) spoken_.pop_front();
    ++frames_sent_;
    const bool sent = co_await socket_.write(wire_->append(frame), wire_->opus());
    if (!sent) co_return;
  }
  while (!outgoing_.empty()) {
    const std::string event = std::move(outgoing_.front());
    outgoing_.pop_front();
    const bool sent = co_await socket_.write(event, false);
    if (!sent) co_return;
  }
}

void Talk::on_event(const json::object& event) {
  conversation_.handle(event);
  const std::string_view type = text(event, "type");
  if (type == "session.updated") configured_ = true;
  if (type == "error") on_error(event);
  if (type == "response.output_audio.delta") return on_audio(event);
  if (type == "response.output_audio.done" && silenced_.erase(std::string(text(event, "response_id"))) == 0) {
    playout_.end(text(event, "item_id"));
  }
  if (type == "input_audio_buffer.speech_started") interrupt();
  if (type == "conversation.item.truncated") {
    outgoing_.push_back(json::serialize(
        json::object{{"type", "conversation.item.retrieve"}, {"item_id", text(event, "item_id")}}));
  }
  show(Clock::now(), true);
}

void Talk::on_audio(const json::object& event) {
  if (silenced_.contains(std::string(text(event, "response_id")))) return;
  playout_.add(text(event, "item_id"), samples_of(text(event, "delta")));
}

void Talk::on_error(const json::object& event) {
  configured_ = true;
  const json::value* value = event.if_contains("error");
  if (value == nullptr || !value->is_object()) return;
  const json::object& error = value->get_object();
  const std::string_view about = text(error, "event_id");
  if (about.starts_with(kTruncate)) {  // the server has taken the whole reply back
    conversation_.await_cut(about.substr(kTruncate.size()), false);
    return;
  }
  parts_.captions->note("antiphon: the server says: " + std::string(text(error, "message")));
}

// The reply falls silent, and the server learns how much of it was heard.
void Talk::interrupt() {
  const std::string& active = conversation_.active_response();
  if (!active.empty()) silenced_.insert(active);
  conversation_.on_interrupted();
  const auto heard = playout_.stop();
  const Caption* const said = heard ? conversation_.caption(heard->item) : nullptr;
  if (said == nullptr) return;
  const bool cut_off = heard->cut || (!active.empty() && said->response == active);
  if (!cut_off) return;
  conversation_.await_cut(heard->item, true);
  outgoing_.push_back(json::serialize(json::object{{"type", "conversation.item.truncate"},
                                                   {"event_id", std::string(kTruncate) + heard->item},
                                                   {"item_id", heard->item},
                                                   {"content_index", 0},
                                                   {"audio_end_ms", heard->audio.count()}}));
}

void Talk::play(Time now) {
  audio::RenderFrame frame;
  const int frames = parts_.loudspeaker->frames_wanted(now);
  for (int i = 0; i < frames; ++i) {
    const ReplyPlayout::Popped popped = playout_.pop(frame);
    if (popped.audible_at) {
      const auto into = std::chrono::microseconds(*popped.audible_at * 1'000'000 / audio::kRenderRateHz);
      conversation_.on_audible(playout_.item(), now + parts_.loudspeaker->delay() + into);
    }
    parts_.loudspeaker->play(frame);
  }
}

bool Talk::busy() const {
  return parts_.recordings->speaking() || conversation_.hearing() || conversation_.awaiting() ||
         !conversation_.active_response().empty() || playout_.playing();
}

void Talk::decide(Time now) {
  if (parts_.recordings == nullptr || !configured_) return;
  switch (turns_.step(now, busy(), conversation_.answers())) {
    case RecordedTurns::Step::kWait:
      return;
    case RecordedTurns::Step::kSpeak:
      if (!parts_.recordings->begin_next()) end_ = End::kAllSpoken;
      return;
    case RecordedTurns::Step::kUnanswered:
      end_ = End::kUnanswered;
  }
}

void Talk::show(Time now, bool at_once) {
  if (!at_once && now - shown_at_ < kShowEvery) return;
  shown_at_ = now;
  parts_.captions->update(conversation_, playout_.playing() ? playout_.item() : "", state_line(),
                          parts_.terminal_columns());
}

std::string Talk::state_line() const {
  std::string state = "listening  ";
  if (playout_.playing() || !conversation_.active_response().empty()) state = "speaking   ";
  if (conversation_.awaiting()) state = "thinking   ";
  if (conversation_.hearing()) state = "hearing you";
  return state + " [" + meter(level_) + "]";
}

std::optional<Time> Talk::speech_time(double audio_ms) const {
  const double frame_ms = static_cast<double>(audio::kFrameDuration.count());
  const auto frame = std::max<std::int64_t>(0, std::llround(std::ceil(audio_ms / frame_ms)) - 1);
  const std::int64_t first = frames_sent_ - std::ssize(spoken_);
  if (frame < first || frame >= frames_sent_) return std::nullopt;
  const std::chrono::duration<double, std::milli> before(static_cast<double>(frame + 1) * frame_ms -
                                                         audio_ms);
  return spoken_[static_cast<std::size_t>(frame - first)] -
         std::chrono::round<std::chrono::microseconds>(before);
}

}  // namespace antiphon::server
