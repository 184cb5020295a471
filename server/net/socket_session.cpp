#include "server/net/socket_session.h"

#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {

constexpr std::uint32_t kHeadBytesMax = 16 * 1024;
constexpr std::uint64_t kBodyBytesMax = 64 * 1024;
constexpr std::chrono::milliseconds kLinger{1000};
constexpr std::size_t kLingerBytesMax = 1 << 20;

struct OpenSocket {
  explicit OpenSocket(NetMetrics& all) : metrics(all) { metrics.sockets_open.Increment(); }
  ~OpenSocket() { metrics.sockets_open.Decrement(); }
  OpenSocket(const OpenSocket&) = delete;
  OpenSocket& operator=(const OpenSocket&) = delete;
  NetMetrics& metrics;
};

bool wants_websocket(const HttpRequest& request) {
  return websocket::is_upgrade(request) &&
         is_realtime_path(path_of({request.target().data(), request.target().size()}));
}

// What a request deserves that could not be read; none: nothing (the socket is gone).
std::optional<http::status> status_of(const beast::error_code& error) {
  if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (error == http::error::body_limit) return http::status::payload_too_large;
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == make_error_code(http::error::bad_method).category()) {
    return http::status::bad_request;
  }
  return std::nullopt;
}

asio::awaitable<void> refuse_request(beast::tcp_stream& stream, http::status status) {
  HttpRequest none;
  none.version(11);
  none.keep_alive(false);
  HttpResponse response = http_error(none, status, "");
  co_await http::async_write(stream, response, kAsTuple);
}

// Ends our side and reads on a little: closing with unread bytes would take our last answer from the client.
asio::awaitable<void> end_socket(beast::tcp_stream& stream) {
  beast::error_code error;
  stream.socket().shutdown(tcp::socket::shutdown_send, error);
  stream.expires_after(kLinger);
  std::array<char, 4096> unread;
  for (std::size_t total = 0; !error && total < kLingerBytesMax;) {
    const auto [read_error, bytes] = co_await stream.async_read_some(asio::buffer(unread), kAsTuple);
    error = read_error;
    total += bytes;
  }
}

}  // namespace

asio::awaitable<void> serve_socket(tcp::socket socket, ConnectionContext& context, const HttpRoutes& routes) {
  const OpenSocket counted(context.metrics);
  beast::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  for (bool more = true; more && !context.closing;) {
    stream.expires_after(context.config.handshake_max);
    http::request_parser<http::string_body> parser;
    parser.header_limit(kHeadBytesMax);
    parser.body_limit(kBodyBytesMax);
    const auto [error, bytes] = co_await http::async_read(stream, buffer, parser, kAsTuple);
    if (error) {
      const std::optional<http::status> status = status_of(error);
      if (status) co_await refuse_request(stream, *status);
      break;
    }
    HttpRequest request = parser.release();
    if (wants_websocket(request)) {
      Connection connection(std::move(stream), context);
      co_await connection.run(std::move(request));
      co_return;
    }
    HttpResponse response = routes.answer(request);
    more = response.keep_alive();
    const auto [write_error, written] = co_await http::async_write(stream, response, kAsTuple);
    more = more && !write_error;
  }
  co_await end_socket(stream);
}

}  // namespace antiphon::server
