#include "tests/bench/voice/talking_client.h"

#include <algorithm>
#include <exception>
#include <span>
#include <stdexcept>
#include <utility>

#include "audio/frame.h"
#include "server/net/opus_wire.h"

namespace antiphon::bench {
namespace {

using server::kAsTuple;
namespace asio = server::asio;

constexpr std::size_t kFrameSamples = audio::frame_samples(audio::kRenderRateHz);
constexpr int kSamplesPerMs = audio::kRenderRateHz / 1000;

// The samples of a frame of the microphone.
void fill(const UserVoice::Frame& frame, std::vector<float>* samples) {
  samples->assign(kFrameSamples, 0.0F);
  if (frame.utterance == nullptr) return;
  for (std::size_t i = 0; i < kFrameSamples; ++i) {
    const std::int64_t at = std::int64_t{frame.begin_ms} * kSamplesPerMs + static_cast<std::int64_t>(i);
    if (at < 0 || at >= std::ssize(frame.utterance->samples)) continue;
    (*samples)[i] = frame.utterance->samples[static_cast<std::size_t>(at)];
  }
}

}  // namespace

std::vector<HeardTurn> TalkingClient::talk(const std::vector<Utterance>& utterances, std::size_t turns) {
  voice_.emplace(config_.voice, &utterances, [this](const HeardTurn& turn) {
    turns_.push_back(turn);
    if (config_.turn_over) config_.turn_over(turns_.size());
  });
  voice_->limit(turns);
  std::exception_ptr failure;
  asio::co_spawn(io_, run(), [&](std::exception_ptr error) { failure = std::move(error); });
  io_.run();
  if (failure) std::rethrow_exception(failure);
  voice_->finish();
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
  co_await socket_.async_handshake("127.0.0.1", config_.target, asio::use_awaitable);
  co_await send(config_.session_update);
  co_await (listen() && speak());
}

asio::awaitable<void> TalkingClient::send(std::string text) {
  bytes_sent_ += text.size();
  socket_.text(true);
  co_await socket_.async_write(asio::buffer(text), asio::use_awaitable);
}

asio::awaitable<void> TalkingClient::send_audio(std::span<const float> samples) {
  const std::string_view message = wire_.append(samples);
  bytes_sent_ += message.size();
  socket_.binary(wire_.opus());
  co_await socket_.async_write(asio::buffer(message.data(), message.size()), asio::use_awaitable);
}

asio::awaitable<void> TalkingClient::listen() {
  server::beast::flat_buffer buffer;
  for (;;) {
    const auto [error, bytes] = co_await socket_.async_read(buffer, kAsTuple);
    const Time now = std::chrono::steady_clock::now();
    if (error && over_) co_return;
    if (error) throw std::runtime_error("the server closed the connection: " + error.message());
    const auto data = buffer.cdata();
    const std::string_view message(static_cast<const char*>(data.data()), data.size());
    bytes_received_ += message.size();
    voice_->hear(wire_.event_of(message, socket_.got_binary()), now);
    buffer.clear();
  }
}

asio::awaitable<void> TalkingClient::speak() {
  asio::steady_timer timer(io_);
  const Time t0 = std::chrono::steady_clock::now();
  std::vector<float> samples;
  for (Time due = t0; !over_;) {
    const Time frame_begin = std::exchange(due, due + audio::kFrameDuration);
    timer.expires_at(due);
    co_await timer.async_wait(asio::use_awaitable);
    const Time now = std::chrono::steady_clock::now();
    send_lateness_max_ = std::max(send_lateness_max_, std::chrono::nanoseconds(now - due));
    if (voice_->wants_cancel(now)) co_await send(R"({"type":"response.cancel"})");
    if (voice_->over(now)) break;
    fill(voice_->frame(frame_begin), &samples);
    co_await send_audio(samples);
  }
  over_ = true;
  co_await socket_.async_close(server::websocket::close_code::normal, kAsTuple);
}

}  // namespace antiphon::bench
