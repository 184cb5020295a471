#include "server/net/connection.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <string_view>
#include <utility>

#include "server/net/opus_wire.h"
#include "server/net/upgrade_request.h"
#include "server/protocol/client_reader.h"
#include "server/protocol/server_writer.h"

namespace antiphon::server {
namespace {

// Some seconds of speech (the system takes twice as much). Left to itself the system lets a socket grow to
// megabytes, and a client that has stopped reading is not noticed for minutes.
constexpr int kSendBufferBytes = 128 * 1024;
constexpr std::size_t kBufferKeptBytes = 256 * 1024;  // a longer message's memory goes back at once
constexpr std::chrono::milliseconds kInboxPause{5};   // between two tries to submit
constexpr std::chrono::milliseconds kOverRatePause{50};

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

websocket::close_code close_code_of(pipeline::SessionRefusal::Reason reason) {
  return reason == pipeline::SessionRefusal::Reason::kDraining ? websocket::close_code::going_away
                                                               : websocket::close_code::try_again_later;
}

pipeline::ServerEvent requests_left(const KeyUse& key) {
  const RateGate::Left left = key.requests.left(std::chrono::steady_clock::now());
  pipeline::RateLimit limit;
  limit.name = "requests";
  limit.limit = key.requests.units_per_minute();
  limit.remaining = left.units;
  limit.reset_seconds = std::chrono::duration<double>(left.until_full).count();
  pipeline::RateLimitsUpdated updated;
  updated.limits.push_back(std::move(limit));
  return updated;
}

}  // namespace

Connection::Connection(SocketStream& stream, ConnectionContext& context, KeyUse* key)
    : context_(context),
      number_(next_number()),
      key_(key),
      socket_(stream),
      outbox_(std::make_shared<Outbox>(context.io.get_executor(), context.config.events_queued_max, *this)),
      new_output_(context.io, kNever),
      deadline_(context.io, kNever) {
  context_.open.push_back(this);
  context_.metrics.connections_open.Increment();
}

Connection::~Connection() {
  outbox_->close();
  context_.open.remove(this);
  context_.metrics.connections_open.Decrement();
}

asio::awaitable<void> Connection::run(http::request<http::string_body> request,
                                      pipeline::SessionRequest session) {
  using namespace asio::experimental::awaitable_operators;
  if (!co_await upgrade(request)) co_return;
  context_.metrics.connections_accepted.Increment();
  auto opening = context_.door.open(session, std::make_unique<OutboxSink>(outbox_));
  if (const auto* refusal = std::get_if<pipeline::SessionRefusal>(&opening)) {
    context_.metrics.sessions_refused.Increment();
    spdlog::info("session refused: connection={} reason=\"{}\"", number_, refusal->message);
    co_await (refuse(*refusal) && watch());
    co_return;
  }
  port_ = std::move(std::get<std::unique_ptr<pipeline::SessionPort>>(opening));
  spdlog::info("connection opened: connection={} key=\"{}\"", number_, key_ != nullptr ? key_->name : "");
  if (context_.closing) close(websocket::close_code::going_away, "The server is going down.");
  co_await (read_messages() && write_messages() && watch());
  port_.reset();
  spdlog::info("connection closed: connection={} sent_messages={} close_code={}", number_, events_written_,
               static_cast<int>(socket_.reason().code != websocket::close_code::none ? socket_.reason().code
                                                                                     : good_bye_.code));
}

asio::awaitable<bool> Connection::upgrade(const http::request<http::string_body>& request) {
  socket_.next_layer().plain().expires_never();  // the WebSocket has its own
  beast::error_code ignored;
  static_cast<void>(socket_.next_layer().plain().socket().set_option(
      asio::socket_base::send_buffer_size(kSendBufferBytes), ignored));
  websocket::stream_base::timeout timeout{};
  timeout.handshake_timeout = context_.config.handshake_max;
  timeout.idle_timeout = context_.config.idle_max;
  timeout.keep_alive_pings = true;
  socket_.set_option(timeout);
  socket_.read_message_max(protocol::kMessageBytesMax);
  socket_.text(true);
  if (asks_for_beta(request)) dialect_ = protocol::Dialect::kBeta;
  const std::string_view subprotocol = chosen_subprotocol(request);
  if (subprotocol == kOpusSubprotocol) opus_ = std::make_unique<OpusWire>();
  if (!subprotocol.empty()) {
    socket_.set_option(websocket::stream_base::decorator([subprotocol](websocket::response_type& response) {
      response.set(http::field::sec_websocket_protocol, subprotocol);
    }));
  }
  const auto [error] = co_await socket_.async_accept(request, kAsTuple);
  co_return !error;
}

asio::awaitable<void> Connection::read_messages() {
  for (;;) {
    const auto [error, bytes] = co_await socket_.async_read(received_, kAsTuple);
    if (error) break;
    if (!closing_ && !gone_) {  // else only the other side's good-bye is awaited
      co_await read_message();
      if (key_ != nullptr) co_await pay_for(bytes);
    }
    received_.clear();
    if (received_.capacity() > kBufferKeptBytes) received_.shrink_to_fit();
  }
  abort();  // Beast has said good-bye; a write that is stuck ends too
  socket_is_gone();
}

asio::awaitable<void> Connection::read_message() {
  context_.metrics.messages_received.Increment();
  const auto data = received_.cdata();
  const std::string_view message(static_cast<const char*>(data.data()), data.size());
  pipeline::ClientEvent event =
      socket_.got_binary() ? binary_event(message) : protocol::client_event(message, dialect_);
  if (std::holds_alternative<pipeline::InvalidEvent>(event.body)) {
    context_.metrics.messages_invalid.Increment();
  }
  if (!co_await submit(std::move(event)))
    close(websocket::close_code::internal_error, "The session takes no events.");
}

pipeline::ClientEvent Connection::binary_event(std::string_view message) {
  if (opus_) return opus_->client_event(message);
  return {"", pipeline::InvalidEvent{"invalid_event", "",
                                     "Binary messages are for connections with the subprotocol " +
                                         std::string(kOpusSubprotocol) + "."}};
}

// A key that sends more than its share is read more slowly.
asio::awaitable<void> Connection::pay_for(std::size_t bytes) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + key_->bytes.pass(static_cast<std::int64_t>(bytes), Clock::now());
  if (until <= Clock::now()) co_return;
  context_.metrics.over_byte_rate.Increment();
  asio::steady_timer timer(context_.io);
  while (!gone_ && !closing_ && Clock::now() < until) co_await pause(timer, kOverRatePause);
}

// False: the session takes no events any more.
asio::awaitable<bool> Connection::submit(pipeline::ClientEvent event) {
  if (port_->submit(std::move(event))) co_return true;
  context_.metrics.inbox_full.Increment();
  asio::steady_timer timer(context_.io);
  const auto give_up = std::chrono::steady_clock::now() + context_.config.inbox_full_max;
  while (!gone_ && !closing_ && std::chrono::steady_clock::now() < give_up) {
    co_await pause(timer, kInboxPause);
    // NOLINTNEXTLINE(bugprone-use-after-move): a refused event is as before
    if (gone_ || port_->submit(std::move(event))) co_return true;
  }
  co_return gone_ || closing_;
}

asio::awaitable<void> Connection::pause(asio::steady_timer& timer, std::chrono::milliseconds duration) {
  timer.expires_after(duration);
  co_await timer.async_wait(kAsTuple);
}

asio::awaitable<void> Connection::write_messages() {
  while (!gone_) {
    const bool written = co_await write_queued();  // of its own: g++ 12 miscompiles it behind an &&
    if (!written) break;
    if (closing_) {
      co_await socket_.async_close(good_bye_, kAsTuple);
      break;
    }
    // A wake-up between the last pop and this wait has expired the timer, and the wait ends at once.
    co_await new_output_.async_wait(kAsTuple);
    new_output_.expires_at(kNever);
  }
  abort();
  socket_is_gone();
}

// All that the session has delivered, unless a close stops it. False: the socket is gone.
asio::awaitable<bool> Connection::write_queued() {
  const std::optional<pipeline::SessionEnd> ended = outbox_->ended();
  pipeline::ServerEvent event;
  while (!closing_ && outbox_->pop(event)) {
    bool written = co_await write(event);
    const bool response_over = std::holds_alternative<pipeline::ResponseDone>(event);
    if (written && response_over && key_ != nullptr) written = co_await write(requests_left(*key_));
    if (!written) co_return false;
    if (auto* delta = std::get_if<pipeline::OutputAudioDelta>(&event)) {
      outbox_->give_back(std::move(delta->audio));
    }
  }
  if (ended && !closing_) close_as_ended(*ended);
  co_return true;
}

asio::awaitable<bool> Connection::write(const pipeline::ServerEvent& event) {
  const auto* audio = std::get_if<pipeline::OutputAudioDelta>(&event);
  const bool packed = opus_ && audio != nullptr && opus_->carries(*audio);
  if (packed) {
    opus_->write(*audio, message_);
  } else {
    if (opus_) opus_->note(event);
    protocol::write_server_event(event, events_written_ + 1, dialect_, message_);
  }
  ++events_written_;
  if (message_.empty()) co_return true;  // the dialect has no such event
  socket_.binary(packed);
  const auto [error, bytes] = co_await socket_.async_write(asio::buffer(message_), kAsTuple);
  if (error) co_return false;
  context_.metrics.messages_sent.Increment();
  if (message_.capacity() > kBufferKeptBytes) std::string().swap(message_);
  co_return true;
}

asio::awaitable<void> Connection::refuse(const pipeline::SessionRefusal& refusal) {
  pipeline::ErrorEvent error;
  error.type = "server_error";
  error.code = "server_overloaded";
  error.message = refusal.message;
  deadline_.expires_after(context_.config.close_max);
  if (co_await write(error)) {
    co_await socket_.async_close({close_code_of(refusal.reason), error.message.substr(0, 120)}, kAsTuple);
  }
  abort();
  socket_is_gone();
}

asio::awaitable<void> Connection::watch() {
  while (!gone_) {
    const auto [cancelled] = co_await deadline_.async_wait(kAsTuple);
    if (!cancelled) {
      gone_ = true;
      abort();
    }
  }
}

void Connection::close(websocket::close_code code, const std::string& reason) {
  if (closing_ || gone_) return;
  closing_ = true;
  good_bye_ = websocket::close_reason(code, reason.substr(0, 120));  // a close frame carries 123 bytes
  deadline_.expires_after(context_.config.close_max);
  new_output_.expires_at(asio::steady_timer::time_point::min());
}

void Connection::close_as_ended(pipeline::SessionEnd reason) {
  switch (reason) {
    case pipeline::SessionEnd::kExpired:
      return close(websocket::close_code::going_away, "The session's longest time is over.");
    case pipeline::SessionEnd::kShed:
      return close(websocket::close_code::try_again_later, "The server is overloaded.");
    case pipeline::SessionEnd::kDrained:
      return close(websocket::close_code::going_away, "The server is going down.");
    case pipeline::SessionEnd::kInternal:
      return close(websocket::close_code::internal_error, "The session failed.");
  }
}

void Connection::outbox_woken() {
  if (outbox_->overflowed() && !closing_) {
    context_.metrics.slow_readers.Increment();
    spdlog::warn("slow reader: connection={}", number_);
    close(websocket::close_code::policy_error, "The client reads too slowly.");
  }
  new_output_.expires_at(asio::steady_timer::time_point::min());
}

void Connection::socket_is_gone() {
  gone_ = true;
  port_.reset();
  deadline_.expires_at(kNever);
  new_output_.expires_at(asio::steady_timer::time_point::min());
}

}  // namespace antiphon::server
