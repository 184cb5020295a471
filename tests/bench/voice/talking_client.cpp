#include "tests/bench/voice/talking_client.h"

#include <algorithm>
#include <exception>
#include <span>
#include <stdexcept>
#include <utility>

#include "audio/frame.h"
#include "audio/wav_writer.h"
#include "server/protocol/base64.h"

namespace antiphon::bench {
namespace {

using server::kAsTuple;
using std::chrono::milliseconds;
namespace asio = server::asio;

constexpr std::size_t kFrameSamples = audio::frame_samples(audio::kRenderRateHz);
constexpr std::size_t kSamplesPerMs = audio::kRenderRateHz / 1000;
constexpr milliseconds kFirstRest{1000};

std::string append_event(std::span<const float> samples) {
  const std::string pcm = audio::pcm16_bytes(samples);
  std::string event = R"({"type":"input_audio_buffer.append","audio":")";
  server::protocol::append_base64(event, std::as_bytes(std::span(pcm)));
  return event + "\"}";
}

Time after_ms(Time begin, double ms) {
  return begin + std::chrono::microseconds(static_cast<std::int64_t>(ms * 1000));
}

}  // namespace

std::vector<HeardTurn> TalkingClient::talk(const std::vector<Utterance>& utterances, std::size_t turns) {
  utterances_ = &utterances;
  turns_wanted_ = turns;
  turns_.reserve(turns + 1);
  std::exception_ptr failure;
  asio::co_spawn(io_, run(), [&](std::exception_ptr error) { failure = std::move(error); });
  io_.run();
  if (failure) std::rethrow_exception(failure);
  turns_.erase(turns_.begin());  // what was heard before the first
  return std::exchange(turns_, {});
}

asio::awaitable<void> TalkingClient::run() {
  using namespace asio::experimental::awaitable_operators;
  auto& stream = server::beast::get_lowest_layer(socket_);
  co_await stream.async_connect({asio::ip::make_address("127.0.0.1"), config_.port}, asio::use_awaitable);
  stream.socket().set_option(server::tcp::no_delay(true));
  if (config_.opus) {
    socket_.set_option(server::websocket::stream_base::decorator([](auto& request) {
      request.set(server::http::field::sec_websocket_protocol, server::kOpusSubprotocol);
    }));
  }
  co_await socket_.async_handshake("127.0.0.1", "/v1/realtime", asio::use_awaitable);
  turns_.emplace_back();
  co_await send(config_.session_update);
  co_await (listen() && speak());
}

asio::awaitable<void> TalkingClient::send(std::string text) {
  bytes_sent_ += text.size();
  socket_.text(true);
  co_await socket_.async_write(asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<void> TalkingClient::send_audio(std::span<const float> samples) {
  if (!config_.opus) {
    co_await send(append_event(samples));
    co_return;
  }
  const std::string pcm = audio::pcm16_bytes(samples);
  pipeline::OutputAudioDelta frame;  // both directions look alike
  const auto bytes = std::as_bytes(std::span(pcm));
  frame.audio.assign(bytes.begin(), bytes.end());
  wire_.write(frame, packet_);
  bytes_sent_ += packet_.size();
  socket_.binary(true);
  co_await socket_.async_write(asio::buffer(packet_), asio::use_awaitable);
}

// A packet as the event that it stands for.
boost::json::value TalkingClient::event_of(std::string_view message) {
  bytes_received_ += message.size();
  if (!socket_.got_binary()) {
    boost::json::value event = boost::json::parse(message);
    if (event.at("type") == "response.content_part.added") reply_ = event.at("response_id").as_string();
    return event;
  }
  const pipeline::ClientEvent heard = wire_.client_event(message);
  std::string base64;
  server::protocol::append_base64(base64, std::get<pipeline::AppendInputAudio>(heard.body).audio);
  return {{"type", "response.output_audio.delta"}, {"response_id", reply_}, {"delta", base64}};
}

asio::awaitable<void> TalkingClient::listen() {
  server::beast::flat_buffer buffer;
  for (;;) {
    const auto [error, bytes] = co_await socket_.async_read(buffer, kAsTuple);
    const Time now = std::chrono::steady_clock::now();
    if (error && over_) co_return;
    if (error) throw std::runtime_error("the server closed the connection: " + error.message());
    const auto data = buffer.cdata();
    const std::string_view text(static_cast<const char*>(data.data()), data.size());
    HeardTurn* const last = turns_.size() > 1 ? &turns_[turns_.size() - 2] : nullptr;
    hear(event_of(text), now, &turns_.back(), last);
    buffer.clear();
  }
}

asio::awaitable<void> TalkingClient::speak() {
  asio::steady_timer timer(io_);
  const Time t0 = std::chrono::steady_clock::now();
  first_turn_at_ = t0 + kFirstRest;
  std::vector<float> samples;
  for (Time due = t0; !over_;) {
    const Time frame_begin = std::exchange(due, due + audio::kFrameDuration);
    timer.expires_at(due);
    co_await timer.async_wait(asio::use_awaitable);
    const Time now = std::chrono::steady_clock::now();
    send_lateness_max_ = std::max(send_lateness_max_, std::chrono::nanoseconds(now - due));
    if (wants_cancel(now)) {
      cancelled_ = true;
      co_await send(R"({"type":"response.cancel"})");
    }
    if (turn_is_over(now) && turns_.size() > turns_wanted_) break;
    frame(frame_begin, &samples);
    co_await send_audio(samples);
  }
  over_ = true;
  co_await socket_.async_close(server::websocket::close_code::normal, kAsTuple);
}

// The next 20 ms of the microphone.
void TalkingClient::frame(Time frame_begin, std::vector<float>* samples) {
  if (turn_is_over(frame_begin)) begin_turn(frame_begin);
  samples->assign(kFrameSamples, 0.0F);
  if (turns_.size() < 2) return;
  const std::vector<float>& speech = (*utterances_)[(turns_.size() - 2) % utterances_->size()].samples;
  std::size_t at = std::min(std::exchange(lead_in_, 0), kFrameSamples);
  for (; at < kFrameSamples && position_ < speech.size(); ++at, ++position_)
    (*samples)[at] = speech[position_];
}

void TalkingClient::begin_turn(Time frame_begin) {
  const std::size_t number = turns_.size() - 1;
  const Utterance& utterance = (*utterances_)[number % utterances_->size()];
  lead_in_ = number * 7 % 20 * kSamplesPerMs;  // the server's windows of 32 ms fall differently each time
  position_ = 0;
  cancelled_ = false;
  HeardTurn& turn = turns_.emplace_back();
  turn.utterance = utterance.name;
  const Time begin = after_ms(frame_begin, static_cast<double>(lead_in_ / kSamplesPerMs));
  turn.onset = after_ms(begin, utterance.begin_ms);
  turn.end = after_ms(begin, utterance.end_ms);
}

bool TalkingClient::turn_is_over(Time now) const {
  if (turns_.size() < 2) return now >= first_turn_at_;
  const HeardTurn& turn = turns_.back();
  if (now < turn.end) return false;
  if (now >= turn.end + config_.patience) return true;
  const HeardReply* reply = turn.answer();
  if (reply == nullptr) return false;
  if (config_.barge_in_after > milliseconds(0) && !reply->done()) {
    return now >= *reply->audible + config_.barge_in_after;
  }
  const bool answered = reply->status == "completed" || reply->status == "incomplete" || cancelled_;
  return reply->done() && answered && now >= *reply->last_delta + config_.rest;
}

bool TalkingClient::wants_cancel(Time now) const {
  if (config_.listens_for == milliseconds(0) || cancelled_ || now < turns_.back().end) return false;
  const HeardReply* reply = turns_.back().answer();
  return reply != nullptr && !reply->done() && now >= *reply->audible + config_.listens_for;
}

}  // namespace antiphon::bench
