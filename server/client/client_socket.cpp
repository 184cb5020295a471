#include "server/client/client_socket.h"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "server/net/opus_wire.h"
#include "server/net/upgrade_request.h"
#include "server/protocol/json_text.h"

namespace antiphon::server {
namespace {

constexpr std::chrono::seconds kOpeningMax{10};
constexpr std::chrono::seconds kSilenceMax{30};  // then a ping is sent, and its pong awaited as long
constexpr std::size_t kMessageBytesMax = 64 << 20;

std::optional<asio::ssl::context> trust(const ClientAccess& access) {
  if (!access.url.tls) return std::nullopt;
  asio::ssl::context context(asio::ssl::context::tls_client);
  beast::error_code error;
  if (access.ca_file.empty()) {
    static_cast<void>(context.set_default_verify_paths(error));
  } else {
    static_cast<void>(context.load_verify_file(access.ca_file, error));
  }
  if (error) {
    throw std::runtime_error("--ca-file: '" + access.ca_file + "' can't be used: " + error.message());
  }
  context.set_verify_mode(asio::ssl::verify_peer);
  return context;
}

// The server's own words, if the answer has the vendor's shape.
std::string message_in(const websocket::response_type& answer) {
  const auto read = protocol::json_object(answer.body());
  const auto* body = std::get_if<boost::json::object>(&read);
  const auto* error = body != nullptr ? body->if_contains("error") : nullptr;
  if (error == nullptr || !error->is_object()) return "";
  const auto* message = error->as_object().if_contains("message");
  return message != nullptr && message->is_string() ? std::string(message->as_string()) : "";
}

std::string when_to_try_again(const websocket::response_type& answer) {
  const auto seconds = answer[http::field::retry_after];
  return seconds.empty() ? "" : "; try again in " + std::string(seconds) + " s";
}

std::string refusal(const websocket::response_type& answer) {
  const int status = answer.result_int();
  const std::string own = message_in(answer);
  const std::string words = own.empty() ? "" : " (" + own + ")";
  if (status == 401) return "the server does not know this key; give one with --key or ANTIPHON_KEY" + words;
  if (status == 429 || status == 503) return "the server is full" + words + when_to_try_again(answer);
  return "the server opens no conversation here: HTTP " + std::to_string(status) + words;
}

}  // namespace

ClientSocket::ClientSocket(asio::io_context& io, const ClientAccess& access)
    : access_(access),
      resolver_(io),
      tls_(trust(access)),
      stream_(tcp::socket(io), tls_ ? &*tls_ : nullptr),
      socket_(stream_) {
  socket_.read_message_max(kMessageBytesMax);
  socket_.auto_fragment(false);
}

asio::awaitable<void> ClientSocket::open() {
  stream_.plain().expires_after(kOpeningMax);
  co_await connect();
  if (tls_) co_await secure();
  stream_.plain().expires_never();
  co_await upgrade();
}

asio::awaitable<void> ClientSocket::connect() {
  const std::string port = std::to_string(access_.url.port);
  const auto [unknown, places] = co_await resolver_.async_resolve(access_.url.host, port, kAsTuple);
  if (unknown) throw NotLetIn("there is no host '" + access_.url.host + "': " + unknown.message());
  const auto [refused, place] = co_await stream_.plain().async_connect(places, kAsTuple);
  if (refused) {
    throw NotLetIn("no server answers at " + url_text(access_.url) + " (" + refused.message() +
                   "); start one with `antiphon serve`, or name it with --url");
  }
  beast::error_code ignored;
  static_cast<void>(stream_.plain().socket().set_option(tcp::no_delay(true), ignored));
}

asio::awaitable<void> ClientSocket::secure() {
  stream_.expect_host(access_.url.host);
  const beast::error_code error = co_await stream_.handshake(asio::ssl::stream_base::client);
  if (!error) co_return;
  const std::string fault = stream_.certificate_fault();
  if (fault.empty()) {
    throw NotLetIn("no TLS with " + url_text(access_.url) + ": " + error.message());
  }
  throw NotLetIn("the certificate of " + url_text(access_.url) + " is not trusted (" + fault +
                 "); --ca-file names whom to trust");
}

asio::awaitable<void> ClientSocket::upgrade() {
  websocket::stream_base::timeout times{};
  times.handshake_timeout = kOpeningMax;
  times.idle_timeout = kSilenceMax;
  times.keep_alive_pings = true;
  socket_.set_option(times);
  socket_.set_option(websocket::stream_base::decorator([this](websocket::request_type& request) {
    if (!access_.key.empty()) request.set(http::field::authorization, "Bearer " + access_.key);
    if (access_.opus) request.set(http::field::sec_websocket_protocol, kOpusSubprotocol);
  }));
  websocket::response_type answer;
  const std::string host = access_.url.host + ":" + std::to_string(access_.url.port);
  const auto [error] = co_await socket_.async_handshake(answer, host, access_.url.target, kAsTuple);
  if (error == websocket::error::upgrade_declined) throw NotLetIn(refusal(answer));
  if (error) throw NotLetIn("no conversation at " + url_text(access_.url) + ": " + error.message());
  opus_ = answer[http::field::sec_websocket_protocol] == kOpusSubprotocol;
}

asio::awaitable<std::optional<std::string_view>> ClientSocket::read() {
  buffer_.clear();
  const auto [error, bytes] = co_await socket_.async_read(buffer_, kAsTuple);
  if (error) {
    end_ = error;
    co_return std::nullopt;
  }
  const auto data = buffer_.cdata();
  co_return std::string_view(static_cast<const char*>(data.data()), data.size());
}

asio::awaitable<bool> ClientSocket::write(std::string_view message, bool binary) {
  socket_.binary(binary);
  const auto [error, bytes] =
      co_await socket_.async_write(asio::buffer(message.data(), message.size()), kAsTuple);
  co_return !error;
}

asio::awaitable<void> ClientSocket::close() {
  co_await socket_.async_close(websocket::close_code::normal, kAsTuple);
}

std::string ClientSocket::why_ended() const {
  const auto& reason = socket_.reason();
  if (reason.code == websocket::close_code::none) return end_.message();
  const std::string words(reason.reason.data(), reason.reason.size());
  return words.empty() ? "close code " + std::to_string(reason.code) : words;
}

bool ClientSocket::try_again_later() const {
  return socket_.reason().code == websocket::close_code::try_again_later;
}

}  // namespace antiphon::server
